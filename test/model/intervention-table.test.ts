import { describe, expect, it } from "vitest";
import { packSequences, packTimeMajor } from "../../src/model/batch.js";
import { makeTable } from "../../src/model/intervention-table.js";
import type { Intervention } from "../../src/model/interventions.js";

const sequences = [Uint32Array.of(1, 2), Uint32Array.of(3, 4, 5)];
const sites = [
  { name: "layers.0.mlp.hidden", width: 8 },
  { name: "layers.0.attention.scores", width: null },
  { name: "logits", width: 4 },
];
const site = "layers.0.mlp.hidden";
const span = 16;
const keys = Uint32Array.of(2, 3);

function table(...interventions: Intervention[]) {
  const batch = packSequences(sequences);
  return makeTable(interventions, sites, () => ({ batch, keys, heads: 2 }), span);
}

function recurrentTable(...interventions: Intervention[]) {
  const batch = packTimeMajor(sequences);
  return makeTable(interventions, sites, () => ({ batch, keys, heads: 0 }), span);
}

/** Entries with their amounts as numbers. */
function entries({ entries: words }: ReturnType<typeof table>): number[][] {
  const reals = new Float32Array(words.buffer);
  return Array.from({ length: words.length / 8 }, (_, i) =>
    Array.from({ length: 8 }, (_, word) => (word === 5 ? reals[i * 8 + 5]! : words[i * 8 + word]!)),
  );
}

describe("an intervention table", () => {
  it("has one entry for a run of rows and a run of columns", () => {
    const made = table(
      { site, operation: "set", value: 2 },
      { site, sequence: 1, columns: [3, 4], operation: "add", value: -1 },
    );
    expect(entries(made)).toEqual([
      [0, 5, 0, 8, 0, 2, 0, 0],
      [2, 5, 3, 5, 2, -1, 0, 0],
    ]);
    expect(made.groups.get(site)).toEqual({ first: 0, count: 2 });
  });

  it("lists columns that are no run, and keeps values beside them", () => {
    const value = Float32Array.of(7, 8);
    const made = table({ site, positions: [0], columns: [5, 1], operation: "set", value });
    expect(entries(made)).toEqual([
      [0, 1, 0, 2, 256 + 3, 1, 0, 0],
      [2, 3, 0, 2, 256 + 3, 1, 0, 0],
    ]);
    expect([...made.listed]).toEqual([5, 1]);
    expect([...made.vectors]).toEqual([7, 8]);
  });

  it("scales each column by its own factor, and projects off a direction of length 1", () => {
    const scaled = table({ site, sequence: 0, columns: [1, 6], operation: "scale", value: Float32Array.of(2, 3) });
    expect(entries(scaled)).toEqual([
      [0, 2, 1, 2, 1, 2, 0, 0],
      [0, 2, 6, 7, 1, 3, 0, 0],
    ]);
    const projected = table({ site, columns: [0, 1], operation: "project", value: Float32Array.of(3, 4) });
    expect(entries(projected)).toEqual([[0, 5, 0, 2, 5, -1, 0, 0]]);
    expect([...projected.vectors]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
  });

  it("groups entries by site, whatever their order", () => {
    const logits = { site: "logits", operation: "set", value: 0 } as const;
    const made = table(logits, { site, operation: "set", value: 0 }, logits);
    expect(made.groups.get("logits")).toEqual({ first: 0, count: 2 });
    expect(made.groups.get(site)).toEqual({ first: 2, count: 1 });
  });

  it("places attention scores by each sequence's own length: head · length + key", () => {
    const scores = { site: "layers.0.attention.scores", operation: "set", value: 0 } as const;
    expect(entries(table({ ...scores, columns: [3] }))).toEqual([
      [0, 2, 17, 18, 0, 0, 0, 0], // head 1, key 1 of 2
      [2, 5, 16, 17, 0, 0, 0, 0], // head 1, key 0 of 3
    ]);
    expect(() => table({ ...scores, sequence: 0, columns: [4] })).toThrow(
      "Expected layers.0.attention.scores:0 to layers.0.attention.scores:3 for neuron",
    );
  });

  it("splits a recurrent site by time step", () => {
    const made = recurrentTable({ site, operation: "set", value: 0 });
    expect([...made.groups.keys()]).toEqual([`${site}@0`, `${site}@1`, `${site}@2`]);
    expect(entries(made).map((entry) => entry.slice(0, 2))).toEqual([
      [0, 2],
      [0, 2],
      [0, 1],
    ]);
    const whole = recurrentTable({ site: "logits", operation: "set", value: 0 });
    expect([...whole.groups.keys()]).toEqual(["logits"]);
  });

  it("numbers the scores of cross-attention by the sources' tokens", () => {
    const [batch, keys] = [packSequences(sequences), Uint32Array.of(3, 1)];
    const scores = { site: "layers.0.attention.scores", columns: [1], operation: "set", value: 0 } as const;
    expect(entries(makeTable([scores], sites, () => ({ batch, keys, heads: 2 }), span))).toEqual([
      [0, 2, 1, 2, 0, 0, 0, 0], // head 0, key 1 of 3
      [2, 5, 16, 17, 0, 0, 0, 0], // head 1, key 0 of 1
    ]);
  });

  it("is empty without interventions", () => {
    expect(table().entries.length).toBe(0);
  });

  it("refuses values that do not fit", () => {
    const value = Float32Array.of(1, 2, 3);
    expect(() => table({ site, operation: "set", value })).toThrow("Expected a number for each of 8 columns for value");
    expect(() => table({ site, operation: "project", value: 1 })).toThrow(
      "Expected a direction, one number per column",
    );
    expect(() => table({ site, operation: "project", value: new Float32Array(8) })).toThrow(
      "a direction that is not zero",
    );
    expect(() => table({ site, columns: [1.5], operation: "set", value: 1 })).toThrow(
      `Expected ${site}:0 to ${site}:7 for neuron but received "${site}:1.5"`,
    );
    const misspelt: Intervention = JSON.parse(`{"site": "${site}", "operation": "sett", "value": 1}`);
    expect(() => table(misspelt)).toThrow(
      'Expected one of set, add, scale, project, noise, resample, patch (did you mean "set"?)',
    );
  });
});
