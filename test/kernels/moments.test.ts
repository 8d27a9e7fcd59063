import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { moments } from "../../src/kernels/moments.js";
import { devices } from "../devices.js";
import { randomNormals } from "../random.js";
import { columnsOf, momentsOfColumn } from "../reference/moments.js";

describe.each(devices)("moments on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("of 1, 2, 3, 6 are mean 3, variance 3.5, and what follows from them", async () => {
    const found = await moments(device, Float32Array.of(1, 2, 3, 6), 1, { low: 2, high: 2 });
    expect(found.mean[0]).toBeCloseTo(3, 6);
    expect(found.variance[0]).toBeCloseTo(3.5, 6);
    expect(found.skewness[0]).toBeCloseTo(4.5 / 3.5 ** 1.5, 5);
    expect(found.kurtosis[0]).toBeCloseTo(24.5 / 3.5 ** 2 - 3, 5);
    expect(found).toMatchObject({ rows: 4, minimum: Float32Array.of(1), maximum: Float32Array.of(6) });
    expect([found.below[0], found.above[0]]).toEqual([1, 2]);
  });

  test("of a constant column are exactly its value and zeros", async () => {
    const found = await moments(device, new Float32Array(37).fill(0.1), 1);
    expect(found.mean[0]).toBe(Math.fround(0.1));
    expect([found.variance[0], found.skewness[0], found.kurtosis[0]]).toEqual([0, 0, 0]);
  });

  test.each([
    [1, 1],
    [2, 31],
    [31, 33],
    [127, 5],
    [129, 65],
    [1031, 17],
    [9, 2081],
  ])("match their definitions on %i rows × %i columns", async (rows, columns) => {
    const x = randomNormals(rows * columns, rows + columns);
    const found = await moments(device, x, columns, { low: -1, high: 0.5 });
    columnsOf(x, columns).forEach((values, column) => {
      const expected = momentsOfColumn(values);
      // float32 within 128 rows: about 1e-6 relatively, of sums whose terms are about 1
      for (const name of ["mean", "variance", "skewness", "kurtosis"] as const) {
        expect(Math.abs(found[name][column]! - expected[name]), `${name} of ${column}`).toBeLessThan(5e-5);
      }
      expect(found.minimum[column]).toBe(Math.min(...values));
      expect(found.maximum[column]).toBe(Math.max(...values));
      expect(found.below[column]).toBe(values.filter((value) => value < -1).length);
      expect(found.above[column]).toBe(values.filter((value) => value > 0.5).length);
    });
  });

  test("keep their digits where the mean is a thousand deviations", async () => {
    const x = randomNormals(5000, 4).map((value) => 1000 + value);
    const found = await moments(device, x, 1);
    const expected = momentsOfColumn([...x]);
    expect(Math.abs(found.mean[0]! - expected.mean)).toBeLessThan(1e-6);
    expect(Math.abs(found.variance[0]! - expected.variance)).toBeLessThan(1e-5);
  });

  test("are NaN in the column that holds one, and nowhere else", async () => {
    const x = randomNormals(100, 2);
    x[31] = Number.NaN;
    const { variance, mean } = await moments(device, x, 2);
    expect([Number.isNaN(variance[1]), Number.isNaN(mean[1])]).toEqual([true, true]);
    expect(variance[0]).toBeGreaterThan(0);
  });

  test("of no rows are those of nothing, and half a row is refused", async () => {
    expect((await moments(device, new Float32Array(), 3)).rows).toBe(0);
    await expect(moments(device, new Float32Array(5), 2)).rejects.toThrow("a whole number of rows of 2 columns for x");
  });
});
