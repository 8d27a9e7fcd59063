import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { maxCorrelation } from "../../../src/methods/unsupervised/max-correlation.js";
import { minCorrelation } from "../../../src/methods/unsupervised/min-correlation.js";
import { searchMatches } from "../../../src/methods/unsupervised/search-matches.js";
import { strongestMatches } from "../../../src/methods/unsupervised/strongest-matches.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { randomNormals } from "../../random.js";

const rows = 300;
const x = randomNormals(rows * 3, 1);

/** Noise in which `column` is a copy, with this sign, of a column of `x`. */
function copying(
  columns: number,
  copies: readonly (readonly [column: number, of: number, sign: number])[],
  seed: number,
) {
  const y = randomNormals(rows * columns, seed);
  for (const [column, of, sign] of copies) {
    for (let row = 0; row < rows; row++) y[row * columns + column] = sign * x[row * 3 + of]! + 50;
  }
  return y;
}

const first = arraySource(x, 3, { name: "a" });
const second = arraySource(
  copying(
    5,
    [
      [4, 0, 1],
      [2, 1, -1],
    ],
    2,
  ),
  5,
  { name: "b", blockRows: 37 },
);
const third = arraySource(copying(2, [[1, 1, 1]], 3), 2, { name: "c", blockRows: 101 });

describe.each(devices)("matches between sources on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("finds the neuron that says the same in any other source, and its sign", async () => {
    const got = await maxCorrelation([first, second, third], { device });
    expect(got).toMatchObject({ kind: "ranking", method: "max-correlation", concept: null, options: { top: 1 } });
    expect(got.scores[0]).toBeCloseTo(1, 5);
    expect(got.scores[1]).toBeCloseTo(1, 5);
    expect(got.order[2]).toBe(2);
    const [b, c] = got.matches;
    expect(b).toMatchObject({ source: "b", sites: second.sites });
    expect(b?.columns.slice(0, 2)).toEqual([4, 2]);
    expect(b?.r[1]).toBeCloseTo(-1, 5);
    expect(c?.columns[1]).toBe(1);
    expect(got.sources.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  test("asks every other source where the least counts", async () => {
    const got = await minCorrelation([first, second, third], { device });
    expect(got.order[0]).toBe(1);
    expect(got.scores[0]).toBeLessThan(0.3);
  });

  test("lists several matches, strongest first", async () => {
    const { matches } = await maxCorrelation([first, second], { device, top: 3 });
    const [columns, r] = [matches[0]?.columns[0], matches[0]?.r[0]];
    if (typeof columns !== "object" || typeof r !== "object") throw new Error("expected lists");
    expect(columns).toHaveLength(3);
    expect(columns[0]).toBe(4);
    expect(Math.abs(r[1]!)).toBeGreaterThanOrEqual(Math.abs(r[2]!));
  });

  test("are the same whether rows are kept or read again for every few columns", async () => {
    const kept = await searchMatches(first, second, 2, device, {});
    for (const bandBytes of [1, 80, 1000]) {
      const read = await searchMatches(first, second, 2, device, {}, { residentBytes: 0, bandBytes });
      expect(read.columns).toEqual(kept.columns);
      const pairs = [
        [read.strongest, kept.strongest],
        [read.r.flat(), kept.r.flat()],
      ] as const;
      for (const [ours, theirs] of pairs) {
        expect(ours).toHaveLength(theirs.length);
        for (let at = 0; at < ours.length; at++) expect(ours[at]).toBeCloseTo(theirs[at]!, 6);
      }
    }
    const y = copying(5, [], 4);
    y[17 * 5 + 3] = Number.NaN;
    const broken = arraySource(y, 5);
    for (const residentBytes of [0, 2 ** 20]) {
      await expect(searchMatches(broken, first, 1, device, {}, { residentBytes, bandBytes: 1 })).rejects.toThrow(
        "Expected finite activations for row 17 of activations:3 but received NaN",
      );
    }
  });

  test("names the NaN of either source", async () => {
    const y = copying(5, [], 4);
    y[17 * 5 + 3] = Number.NaN;
    await expect(maxCorrelation([first, arraySource(y, 5)], { device })).rejects.toThrow(
      "Expected finite activations for row 17 of activations:3 but received NaN",
    );
  });
});

describe("matches between sources", () => {
  test("go to the lower of equally strong columns", () => {
    const { columns, r } = strongestMatches(Float32Array.of(0.1, -0.5, 0.5, 0.4), 4, 3);
    expect(columns).toEqual([[1, 2, 3]]);
    expect(r).toEqual([[-0.5, 0.5, Math.fround(0.4)]]);
  });

  test("are refused for one source, other rows, another corpus, and more matches than neurons", async () => {
    await expect(maxCorrelation([first])).rejects.toThrow("Expected two or more sources for sources but received 1");
    const short = arraySource(x.slice(0, 9), 3, { name: "short" });
    await expect(maxCorrelation([first, short])).rejects.toThrow("Expected 300 rows like a for short but received 3");
    const table = annotated({ upos: Array(rows).fill("X") });
    const ours = arraySource(x, 3, { name: "ours", table });
    const theirs = arraySource(x, 3, { name: "theirs", table: { ...table, fingerprint: "d" } });
    await expect(maxCorrelation([ours, theirs])).rejects.toThrow(
      'Expected the corpus of ours for theirs but received "d"',
    );
    await expect(maxCorrelation([first, third], { top: 3 })).rejects.toThrow(
      "Expected at most the 2 neurons of c for top but received 3",
    );
  });
});
