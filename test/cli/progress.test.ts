import { expect, test } from "vitest";
import { durationText, Progress } from "../../src/cli/progress.js";

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

/** A clock that is set by hand. */
function clock() {
  let now = 0;
  return { now: () => now, pass: (milliseconds: number) => (now += milliseconds) };
}

test("says how long the rest will take at the speed so far, once that is known", () => {
  const [output, time] = [record(false), clock()];
  const progress = new Progress(output, { quiet: false }, time.now);
  progress.show(0, 100, "tokens");
  time.pass(1000);
  progress.show(10, 100, "tokens");
  time.pass(9000);
  progress.show(20, 100, "tokens");
  time.pass(30_000);
  progress.show(100, 100, "tokens");
  expect(output.written).toEqual(["tokens: 0 %\n", "tokens: 10 %\n", "tokens: 20 %, 40 s left\n", "tokens: 100 %\n"]);
});

test("takes the speed of work that goes on from where it began this time", () => {
  const [output, time] = [record(true), clock()];
  const progress = new Progress(output, { quiet: false }, time.now);
  progress.show(500, 1000, "tokens");
  time.pass(10_000);
  progress.show(510, 1000, "tokens");
  expect(output.written.at(-1)).toContain("51 % tokens, 8 min left");
});

test("writes a plain line a minute where a tenth takes longer", () => {
  const [output, time] = [record(false), clock()];
  const progress = new Progress(output, { quiet: false }, time.now);
  for (let done = 0; done <= 4; done++) {
    progress.show(done, 1000, "tokens");
    time.pass(45_000);
  }
  expect(output.written).toEqual([
    "tokens: 0 %\n",
    "tokens: 0 %, 12 h 29 min left\n",
    "tokens: 0 %, 12 h 27 min left\n",
  ]);
});

test.each([
  [0.2, "1 s"],
  [89, "89 s"],
  [91, "2 min"],
  [3599, "1 h"],
  [7800, "2 h 10 min"],
  [86_400, "1 d"],
  [4 * 86_400 + 3 * 3600, "4 d 3 h"],
])("says %d seconds as %s", (seconds, text) => expect(durationText(seconds)).toBe(text));
