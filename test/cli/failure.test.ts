import { expect, test } from "vitest";
import { explain } from "../../src/cli/failure.js";
import { ArgumentError, DeviceError, FileError, KernelError } from "../../src/core/errors.js";
import { Interruption } from "../../src/model/hub/request.js";

const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });

test.each([
  ["the caller's mistake", new ArgumentError("--top", "an integer", "x"), 2],
  ["a broken file", new FileError("a.npy", "is cut short", "byte 80"), 2],
  ["a device that is not there", new DeviceError("webgpu", "no adapter found"), 2],
  [
    "a full disk",
    new FileError("out.json", "cannot be written because the disk is full", undefined, { cause: full }),
    1,
  ],
  [
    "a network that is down",
    new FileError("org/name", "Expected config.json but the connection failed", undefined, {
      cause: new Interruption("ECONNREFUSED"),
    }),
    1,
  ],
  ["a kernel's failure", new KernelError("gram", new Error("out of memory")), 1],
])("%s is one sentence with its exit code", (_what, error, code) => {
  const failure = explain(error, false);
  expect(failure.code).toBe(code);
  expect(failure.sentence).toContain(error.message);
  expect(failure.sentence).not.toContain("\n");
});

test("a message of several lines becomes one", () => {
  expect(explain(new Error("first\n   second"), false).sentence).toBe("neurometry failed: first second");
});

test("Ctrl-C is told as such, whatever was thrown", () => {
  expect(explain(new Error("aborted"), true)).toEqual({ sentence: "Stopped.", code: 130 });
});
