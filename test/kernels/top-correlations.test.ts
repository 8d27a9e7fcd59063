import { describe, expect, test } from "vitest";
import { normal, random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { topCorrelations } from "../../src/kernels/top-correlations.js";
import { devices } from "../devices.js";
import { correlation } from "../reference/gram.js";
import { topCorrelations as reference } from "../reference/top-correlations.js";

function matrix(rows: number, columns: number, seed: number): Float32Array {
  const next = normal(random(seed));
  const shared = Float32Array.from({ length: rows }, next);
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [t, j] = [Math.floor(at / columns), at % columns];
    return 3 + next() + Math.sin(j) * shared[t]!;
  });
}

function columnsOf(values: Float32Array, columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: values.length / columns }, (_, t) => values[t * columns + j]!),
  );
}

/** Largest error of r: float32 sums without float64 between them round more. */
const tolerance = (device: Device) => (device.kind === "native" ? 5e-7 : 1e-6);

describe.each(devices)("top-correlations on %s", (_, open) => {
  test("finds the best partner of each column, with its sign, and not the column itself", async () => {
    await using device = await open();
    const x = Float32Array.of(1, -1, 0, 2, -2, 1, 3, -3, 0, 4, -4.5, 1);
    const got = await topCorrelations(device, { rows: 4, columns: 3, x, count: 1 });
    expect([...got.columns]).toEqual([1, 0, 1]);
    expect(got.r[0]).toBeLessThan(-0.99);
    const signed = await topCorrelations(device, { rows: 4, columns: 3, x, count: 1, by: "signed" });
    expect([...signed.columns]).toEqual([2, 2, 0]);
  });

  test("gives ties to the lower column, and constant columns r = 0", async () => {
    await using device = await open();
    const x = Float32Array.of(1, 1, 5, 1, 2, 2, 5, 2, 0, 0, 5, 0);
    const got = await topCorrelations(device, { rows: 3, columns: 4, x, count: 3 });
    expect([...got.columns]).toEqual([1, 3, 2, 0, 3, 2, 0, 1, 3, 0, 1, 2]);
    expect([...got.r.subarray(6, 9)]).toEqual([0, 0, 0]);
  });

  test.each([
    [5, 2, 1],
    [40, 33, 5],
    [400, 131, 7],
    [33, 290, 300],
  ])("matches the definition for %i rows of %i columns and %i places", async (rows, columns, count) => {
    await using device = await open();
    const x = matrix(rows, columns, columns);
    const truth = correlation(columnsOf(x, columns), columnsOf(x, columns));
    const places = Math.min(count, columns - 1);
    for (const by of ["absolute", "signed"] as const) {
      const got = await topCorrelations(device, { rows, columns, x, count, by });
      expect(got.count).toBe(places);
      const wanted = reference(truth, places, { signed: by === "signed", without: "itself" });
      got.columns.forEach((column, at) => {
        const i = Math.floor(at / places);
        const best = truth[i]![wanted[i]![at % places]!]!;
        expect(Math.abs(got.r[at]! - truth[i]![column]!)).toBeLessThan(tolerance(device));
        // float32 may swap two columns whose r differ by less than its rounding
        expect(Math.abs(Math.abs(got.r[at]!) - Math.abs(best))).toBeLessThan(tolerance(device));
      });
    }
  });

  test("compares two sets of columns, from memory on the device", async () => {
    await using device = await open();
    const [x, y] = [matrix(500, 70, 1), matrix(500, 270, 2)];
    for (let t = 0; t < 500; t++) y[t * 270 + 201] = 7 - 2 * x[t * 70 + 11]!;
    using left = device.upload(x);
    using right = device.upload(y);
    const got = await topCorrelations(device, { rows: 500, columns: 70, x: left, others: 270, y: right, count: 4 });
    expect(got.columns[4 * 11]).toBe(201);
    expect(got.r[4 * 11]).toBeCloseTo(-1, 5);
    const truth = correlation(columnsOf(x, 70), columnsOf(y, 270));
    const wanted = reference(truth, 4, { signed: false, without: "nothing" });
    got.r.forEach((r, at) => {
      const i = Math.floor(at / 4);
      expect(Math.abs(Math.abs(r) - Math.abs(truth[i]![wanted[i]![at % 4]!]!))).toBeLessThan(tolerance(device));
    });
  });

  test("finds partners a thousand columns away, each from the other, and those of the last column", async () => {
    await using device = await open();
    const [rows, columns] = [17, 2131];
    const x = Float32Array.from({ length: rows * columns }, normal(random(8)));
    const pairs = [
      [3, 2130],
      [1086, 1090],
      [1, 1000],
      [1500, 2000],
    ] as const;
    for (const [i, j] of pairs) for (let t = 0; t < rows; t++) x[t * columns + j] = 100 - 3 * x[t * columns + i]!;
    const got = await topCorrelations(device, { rows, columns, x, count: 2 });
    for (const [i, j] of pairs) {
      expect([got.columns[2 * i], got.columns[2 * j]]).toEqual([j, i]);
      expect(got.r[2 * i]).toBeCloseTo(-1, 5);
    }
    const all = columnsOf(x, columns);
    for (const i of [0, 1501, 2049, 2129]) {
      const truth = correlation([all[i]!], all);
      const wanted = reference(truth, 3, { signed: false, without: "nothing" })[0]!.filter((j) => j !== i);
      expect([...got.columns.subarray(2 * i, 2 * i + 2)]).toEqual(wanted.slice(0, 2));
    }
    using buffer = device.upload(x);
    const y = x.filter((_, at) => at % columns < 5);
    const from = await topCorrelations(device, { rows, columns: 5, x: y, others: columns, y: buffer, count: 2 });
    for (let i = 0; i < 5; i++) {
      const found = [...from.columns.subarray(2 * i, 2 * i + 2)];
      expect(new Set(found)).toEqual(new Set([i, got.columns[2 * i]!]));
    }
  });

  test("finds nothing where there is no other column", async () => {
    await using device = await open();
    const got = await topCorrelations(device, { rows: 2, columns: 1, x: Float32Array.of(1, 2), count: 3 });
    expect(got).toEqual({ count: 0, columns: new Uint32Array(0), r: new Float32Array(0) });
  });

  test("refuses no rows, no places, an unknown order and wrong sizes", async () => {
    await using device = await open();
    const x = new Float32Array(4);
    const call = (change: object) => topCorrelations(device, { rows: 2, columns: 2, x, count: 1, ...change });
    await expect(call({ rows: 0 })).rejects.toThrow("Expected a positive integer for rows but received 0");
    await expect(call({ count: 0 })).rejects.toThrow("Expected a positive integer for count but received 0");
    await expect(call({ by: "size" })).rejects.toThrow('Expected absolute or signed for by but received "size"');
    await expect(call({ columns: 3 })).rejects.toThrow("Expected 2 × 3 values for x but received 4");
    await expect(call({ y: x, others: 1 })).rejects.toThrow("Expected 2 × 1 values for y but received 4");
  });
});
