import { expect, test } from "vitest";
import { Progress } from "../../src/cli/progress.js";

function record(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) };
}

test("writes a plain line a tenth where there is no terminal", () => {
  const output = record(false);
  const progress = new Progress(output, { quiet: false });
  for (let done = 0; done <= 100; done++) progress.show(done, 100, "sentences");
  expect(output.written).toHaveLength(11);
  expect(output.written[5]).toBe("sentences: 50 %\n");
});

test("begins anew when other work begins", () => {
  const output = record(false);
  const progress = new Progress(output, { quiet: false });
  progress.show(10, 10, "sentences");
  progress.show(10, 10, "neurons");
  expect(output.written).toEqual(["sentences: 100 %\n", "neurons: 100 %\n"]);
});

test("writes over one line on a terminal and takes it away when done", () => {
  const output = record(true);
  const progress = new Progress(output, { quiet: false });
  progress.show(1, 2, "sentences");
  expect(output.written.join("")).toContain("50 % sentences");
  expect(output.written.join("")).not.toContain("\n");
  progress.show(2, 2, "sentences");
  expect(output.written.at(-1)).toBe("\r\x1b[K");
});

test("says nothing with --quiet, and nothing of no work", () => {
  const output = record(false);
  new Progress(output, { quiet: true }).say("hello");
  new Progress(output, { quiet: true }).show(1, 2, "x");
  new Progress(output, { quiet: false }).show(0, 0, "x");
  expect(output.written).toEqual([]);
});
