import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { interventionTable, type MatrixChange } from "../../src/kernels/intervene.js";
import type { Run } from "../../src/model/batch.js";
import { type Change, InterventionEntries } from "../../src/model/intervention-entries.js";

const set: Change = { columns: [2, 3], operation: "set", amount: 5 };
const replace: Change = { columns: [0, 4], operation: "replace", vector: { offset: 10, step: 4 } };

/** Rows of five time steps, the longest text first. */
const steps: readonly Run[] = [
  [0, 3],
  [3, 6],
  [6, 8],
  [8, 10],
  [10, 11],
];

describe("intervention entries", () => {
  it("stand group after group, each in the order in which they were added", () => {
    const entries = new InterventionEntries();
    const [second, first] = [entries.group("b", null), entries.group("a", null)];
    entries.add(first, [[0, 1]], set);
    entries.add(second, [[4, 6]], set);
    entries.add(first, [[2, 3]], replace);
    const made = entries.finish();
    expect(made.entries).toEqual(
      interventionTable([
        { ...set, rows: [4, 6] },
        { ...set, rows: [0, 1] },
        { ...replace, rows: [2, 3] },
      ]),
    );
    expect([...made.groups]).toEqual([
      ["b", { first: 0, count: 1 }],
      ["a", { first: 1, count: 2 }],
    ]);
  });

  it("count rows from the first of their time step, and vectors go on from run to run", () => {
    const entries = new InterventionEntries();
    const runs: Run[] = [
      [1, 4],
      [7, 11],
    ];
    entries.addSteps(entries.group("a", steps.length), runs, replace, steps);
    const made = entries.finish();
    const at = (rows: Run, offset: number): MatrixChange => ({ ...replace, rows, vector: { offset, step: 4 } });
    const expected = [at([1, 3], 10), at([0, 1], 18), at([1, 2], 22), at([0, 2], 26), at([0, 1], 34)];
    expect(made.entries).toEqual(interventionTable(expected));
    expect([...made.groups.keys()]).toEqual(["a@0", "a@1", "a@2", "a@3", "a@4"]);
  });

  it("are what a loop over rows makes of them", () => {
    const uniform = random(3);
    const next = (end: number) => Math.floor(end * uniform());
    const entries = new InterventionEntries();
    const expected = new Map<string, MatrixChange[]>();
    for (let i = 0; i < 200; i++) {
      const [site, row] = [`site ${next(3)}`, next(11)];
      entries.addSteps(entries.group(site, steps.length), [[row, row + 1]], { ...set, amount: i }, steps);
      const step = steps.findIndex(([, end]) => row < end);
      const first = row - steps[step]![0];
      const group = `${site}@${step}`;
      expected.set(group, [...(expected.get(group) ?? []), { ...set, amount: i, rows: [first, first + 1] }]);
    }
    const made = entries.finish();
    expect(made.groups.size).toBe(expected.size);
    for (const [group, { first, count }] of made.groups) {
      expect(made.entries.slice(8 * first, 8 * (first + count))).toEqual(interventionTable(expected.get(group)!));
    }
  });

  it("are none without changes", () => {
    const entries = new InterventionEntries();
    entries.addSteps(entries.group("a", steps.length), [], set, steps);
    expect(entries.finish()).toEqual({ entries: new Uint32Array(0), groups: new Map() });
  });
});
