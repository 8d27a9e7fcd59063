import { totalmem } from "node:os";
import { expect, test } from "vitest";
import { machineBytes, parseSize, sizeText } from "../../src/core/sizes.js";

test.each([
  ["2GB", 2e9],
  ["512 MiB", 2 ** 29],
  ["1.5gb", 1.5e9],
  ["3kB", 3000],
  ["100B", 100],
  ["1TiB", 2 ** 40],
])("%s is %d bytes", (text, bytes) => expect(parseSize("--memory", text)).toBe(bytes));

test.each(["", "2", "GB", "-1GB", "0GB", "2 apples", "1e3MB"])("refuses %j", (text) => {
  expect(() => parseSize("--memory", text)).toThrow(
    "Expected a size such as 800MB, 2GB or 4GiB for --memory but received",
  );
});

test.each([
  [1, "1 MB"],
  [311_200_000, "312 MB"],
  [2_410_000_000, "2.5 GB"],
])("writes %d bytes as %s, never as less", (bytes, text) => expect(sizeText(bytes)).toBe(text));

test("the machine's memory is what it has, or less where a container limits it", () => {
  expect(machineBytes()).toBeGreaterThan(1e8);
  expect(machineBytes()).toBeLessThanOrEqual(totalmem());
});
