import { expect, test } from "vitest";
import { dividePlan } from "../../src/device/divided-plan.js";
import { describeKernel } from "../../src/device/kernel.js";
import { Recorder, rowsOf, type Value } from "../../src/device/plan.js";

const copy = describeKernel({
  name: "copy",
  operands: { x: { type: "f32", access: "read" }, out: { type: "f32", access: "write" } },
  parameters: { rows: "u32" },
  groups: () => 1,
});

const add = describeKernel({
  name: "add",
  operands: { x: { type: "f32", access: "read" }, out: { type: "f32", access: "update" } },
  parameters: {},
  groups: () => 1,
});

const inputs = {
  holds: ({ root }: Value) => root.kind === "external" && root.name === "settled",
  counts: (parameter: string) => parameter === "n",
};

/** A recorder with a settled input, another one, and a result. */
function begin() {
  const recorder = new Recorder();
  const [settled, given, out] = ["settled", "given", "out"].map((name) => recorder.external(name, "f32", [8]));
  const temporaries = Array.from({ length: 4 }, () => recorder.temporary("f32", [8]));
  return { recorder, settled: settled!, given: given!, out: out!, temporaries };
}

/** The first operand of each step, by name. */
function read({ steps }: Recorder): string[] {
  return steps.map(({ operands: [x] }) => (x!.root.kind === "external" ? x!.root.name : x!.root.kind));
}

test("what hangs on settled inputs alone comes first, wherever it stands, and leaves what the rest reads", () => {
  const { recorder, settled, given, out, temporaries: [a, b, c, d] } = begin(); // biome-ignore format: one line
  recorder.record(copy, { x: settled, out: a! }, { rows: recorder.parameter("n") });
  recorder.record(copy, { x: given, out: b! }, { rows: 8 });
  recorder.record(copy, { x: a!, out: c! }, { rows: 8 });
  recorder.record(add, { x: c!, out: b! }, {});
  recorder.record(copy, { x: a!, out: d! }, { rows: recorder.parameter("m") });
  recorder.record(add, { x: d!, out }, {});
  const { settled: first, rest, left } = dividePlan(recorder, inputs);
  expect(read(first)).toEqual(["settled", "left 0"]);
  expect(read(rest)).toEqual(["given", "left 2", "left 0", "temporary"]);
  expect(Object.fromEntries(left)).toEqual({ "left 0": 8, "left 2": 8 });
  expect([...first.externals.keys()]).toEqual(["settled", "left 0", "left 2"]);
  expect([...rest.externals.keys()]).toEqual(["given", "left 2", "left 0", "out"]);
  expect([first.parameters, rest.parameters]).toEqual([["n", "m"], ["n", "m"]]); // biome-ignore format: one line
});

test("memory that the rest writes is none that the first part may leave", () => {
  const { recorder, settled, given, out, temporaries: [a, b] } = begin(); // biome-ignore format: one line
  recorder.record(copy, { x: settled, out: a! }, { rows: 8 });
  recorder.record(copy, { x: settled, out: b! }, { rows: 8 });
  recorder.record(add, { x: given, out: a! }, {});
  recorder.record(copy, { x: a!, out }, { rows: 8 });
  recorder.record(add, { x: b!, out }, {});
  const { settled: first, rest, left } = dividePlan(recorder, inputs);
  expect(first.steps).toHaveLength(1);
  expect(rest.steps.map(({ kernel: { name } }) => name)).toEqual(["copy", "add", "copy", "add"]);
  expect([...left.keys()]).toEqual(["left 1"]);
});

test("nor is memory that the first part would write again before the rest has read it", () => {
  const { recorder, settled, out, temporaries: [a, b] } = begin(); // biome-ignore format: one line
  recorder.record(copy, { x: settled, out: a! }, { rows: 8 });
  recorder.record(add, { x: a!, out }, {});
  recorder.record(copy, { x: settled, out: b! }, { rows: 8 });
  recorder.record(add, { x: b!, out: a! }, {});
  recorder.record(add, { x: a!, out }, {});
  const { settled: first, rest, left } = dividePlan(recorder, inputs);
  expect(read(first)).toEqual(["settled"]);
  expect(read(rest)).toEqual(["settled", "temporary", "left 1", "temporary"]);
  expect([...left.keys()]).toEqual(["left 1"]);
});

test("a window that starts where an input says, or a settled input that is written, is not settled", () => {
  const { recorder, settled, given, temporaries: [a, b] } = begin(); // biome-ignore format: one line
  recorder.record(copy, { x: rowsOf(settled, recorder.parameter("m"), 2), out: a! }, { rows: 2 });
  recorder.record(copy, { x: rowsOf(settled, recorder.parameter("n"), 2), out: b! }, { rows: 2 });
  recorder.record(add, { x: b!, out: settled }, {});
  recorder.record(copy, { x: b!, out: given }, { rows: 2 });
  const { settled: first, rest } = dividePlan(recorder, inputs);
  expect(first.steps).toEqual([expect.objectContaining({ kernel: copy })]);
  expect(rest.steps).toHaveLength(3);
});
