import { describe, expect, test } from "vitest";
import { normal, random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { correlationOf, mergeCentralSums } from "../../src/kernels/central-sums.js";
import { correlate, gram } from "../../src/kernels/correlate.js";
import { GramSums } from "../../src/kernels/gram-sums.js";
import { devices } from "../devices.js";
import { correlation, gram as reference } from "../reference/gram.js";

/** rows × columns numbers around `mean`, each column leaning on the one before. */
function matrix(rows: number, columns: number, mean: number, seed: number): Float32Array {
  const next = normal(random(seed));
  const values = new Float32Array(rows * columns);
  values.forEach((_, at) => {
    values[at] = mean + next() + (at % columns > 0 ? (values[at - 1]! - mean) / 2 : 0);
  });
  return values;
}

function columnsOf(values: Float32Array, columns: number): Float64Array[] {
  return Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: values.length / columns }, (_, t) => values[t * columns + j]!),
  );
}

const largest = (values: ArrayLike<number>, truth: readonly number[]) =>
  truth.reduce((most, value, at) => Math.max(most, Math.abs(values[at]! - value)), 0);

/** float32 rounds r itself by 3e-8, and the sums of a tile by more: r is 8e-8 off at most. A GPU sums in pairs of float32. */
const tolerance = (device: Device) => (device.kind === "native" ? 1e-7 : 3e-7);

describe.each(devices)("gram on %s", (_, open) => {
  test("sums products around the means", async () => {
    await using device = await open();
    const x = Float32Array.of(1, 10, 2, 20, 3, 60);
    const sums = await gram(device, { rows: 3, columns: 2, x });
    expect([...sums.scatter]).toEqual([2, 50, 50, 1400]);
    expect([...sums.mean, sums.count]).toEqual([2, 30, 3]);
    expect([...sums.squares]).toEqual([2, 1400]);
  });

  test("gives r of 1, −1 and, where a column is constant, 0", async () => {
    await using device = await open();
    const x = Float32Array.of(1, -2, 7, 2, -4, 7, 4, -8, 7);
    const r = await correlate(device, { rows: 3, columns: 3, x });
    expect([...r].map((value) => Math.round(value * 1e6) / 1e6 + 0)).toEqual([1, -1, 0, -1, 1, 0, 0, 0, 0]);
  });

  test("is all zeros for a single row", async () => {
    await using device = await open();
    const sums = await gram(device, { rows: 1, columns: 2, x: Float32Array.of(5, 6) });
    expect([...sums.scatter, ...sums.squares]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...correlationOf(sums)]).toEqual([0, 0, 0, 0]);
  });

  test.each([
    [2, 1],
    [31, 33],
    [385, 131],
    [1201, 17],
    [17_000, 37],
  ])("matches the definition for %i rows of %i columns", async (rows, columns) => {
    await using device = await open();
    const x = matrix(rows, columns, 3, 1);
    const r = await correlate(device, { rows, columns, x });
    const truth = correlation(columnsOf(x, columns), columnsOf(x, columns)).flat();
    expect(largest(r, truth)).toBeLessThan(tolerance(device));
  });

  test.each([0, 100, 10_000])("is right whatever the mean: %i standard deviations", async (mean) => {
    await using device = await open();
    const x = matrix(1500, 5, mean, 2);
    const r = await correlate(device, { rows: 1500, columns: 5, x });
    expect(largest(r, correlation(columnsOf(x, 5), columnsOf(x, 5)).flat())).toBeLessThan(tolerance(device));
  });

  test("sums products of two sets of columns, over blocks, as in one block", async () => {
    await using device = await open();
    const [x, y] = [matrix(700, 140, 1, 3), matrix(700, 37, -2, 4)];
    using sums = new GramSums(device, 140, 37);
    for (const [start, rows] of [
      [0, 1],
      [1, 399],
      [400, 300],
    ] as const) {
      using left = device.upload(x.slice(start * 140, (start + rows) * 140));
      using right = device.upload(y.slice(start * 37, (start + rows) * 37));
      await sums.add(left, rows, right);
    }
    const central = await sums.central();
    const truth = reference(columnsOf(x, 140), columnsOf(y, 37)).flat();
    expect(largest(central.scatter, truth) / 700).toBeLessThan(1e-6);
    const r = correlation(columnsOf(x, 140), columnsOf(y, 37)).flat();
    expect(largest(await sums.correlation(), r)).toBeLessThan(10 * tolerance(device)); // the first row is a poor mean
    expect(largest(correlationOf(central), r)).toBeLessThan(10 * tolerance(device));
  });

  test("finds a planted pair among many columns", async () => {
    await using device = await open();
    const [rows, columns] = [64, 1500];
    const x = Float32Array.from({ length: rows * columns }, normal(random(5)));
    for (let t = 0; t < rows; t++) x[t * columns + 1234] = -x[t * columns + 77]! + 0.01 * x[t * columns + 5]!;
    const r = await correlate(device, { rows, columns, x });
    expect(r[77 * columns + 1234]).toBeLessThan(-0.99);
    expect(r[1234 * columns + 77]).toBe(r[77 * columns + 1234]);
  });

  test("merges what two devices saw of different rows", async () => {
    await using device = await open();
    const x = matrix(300, 4, 50, 6);
    const first = await gram(device, { rows: 100, columns: 4, x: x.slice(0, 400) });
    const second = await gram(device, { rows: 200, columns: 4, x: x.slice(400) });
    const all = mergeCentralSums(first, second);
    expect(all.count).toBe(300);
    expect(largest(correlationOf(all), correlation(columnsOf(x, 4), columnsOf(x, 4)).flat())).toBeLessThan(
      tolerance(device),
    );
  });

  test("refuses no rows, wrong sizes, and a second matrix that was not announced", async () => {
    await using device = await open();
    const x = new Float32Array(4);
    await expect(gram(device, { rows: 0, columns: 4, x })).rejects.toThrow("Expected a positive integer for rows");
    await expect(gram(device, { rows: 3, columns: 4, x })).rejects.toThrow(
      "Expected 3 × 4 values for x but received 4",
    );
    await expect(gram(device, { rows: 2, columns: 2, x, others: 1, y: x })).rejects.toThrow(
      "Expected 2 × 1 values for y",
    );
    using sums = new GramSums(device, 2);
    using buffer = device.upload(x);
    await expect(sums.add(buffer, 2, buffer)).rejects.toThrow("Expected none for y");
    await expect(sums.central()).rejects.toThrow("Expected at least one for rows but received 0");
  });
});
