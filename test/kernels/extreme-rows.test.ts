import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { extremeRows } from "../../src/kernels/extreme-rows.js";
import { devices } from "../devices.js";
import { randomNormals } from "../random.js";
import { extremeRows as reference } from "../reference/extreme-rows.js";

function expected(x: Float32Array, columns: number, count: number) {
  return { largest: reference(x, columns, count, 1), smallest: reference(x, columns, count, -1) };
}

describe.each(devices)("extreme rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("are the largest and the smallest, ties at the lower row", async () => {
    const found = await extremeRows(device, Float32Array.of(3, -1, 5, 3, -1, 5, 3), 1, 3);
    expect(found.largest).toEqual([{ rows: Uint32Array.of(2, 5, 0), values: Float32Array.of(5, 5, 3) }]);
    expect(found.smallest).toEqual([{ rows: Uint32Array.of(1, 4, 0), values: Float32Array.of(-1, -1, 3) }]);
  });

  test("are all rows where there are fewer than asked for, and none of nothing", async () => {
    const found = await extremeRows(device, Float32Array.of(1, 2), 1, 5);
    expect(found.largest).toEqual([{ rows: Uint32Array.of(1, 0), values: Float32Array.of(2, 1) }]);
    expect(await extremeRows(device, new Float32Array(), 3, 5)).toEqual(expected(new Float32Array(), 3, 5));
    expect((await extremeRows(device, new Float32Array(), 0, 5)).largest).toEqual([]);
  });

  test.each([
    [1, 1, 1],
    [7, 31, 3],
    [9, 33, 9],
    [65, 47, 2],
    [129, 49, 10],
    [1031, 97, 17],
    [513, 2081, 4],
    [700, 3, 600],
  ])("agree with sorting %i rows × %i columns for the first %i", async (rows, columns, count) => {
    const x = randomNormals(rows * columns, rows + count);
    expect(await extremeRows(device, x, columns, count)).toEqual(expected(x, columns, count));
  });

  test("keep the lower rows where most numbers are tied, as behind a ReLU, and where all grow or fall", async () => {
    const relu = randomNormals(300 * 50, 5).map((value) => Math.max(0, Math.round(2 * value)));
    expect(await extremeRows(device, relu, 50, 8)).toEqual(expected(relu, 50, 8));
    const growing = Float32Array.from({ length: 200 * 2 }, (_, i) => (i % 2 === 0 ? i : -i));
    expect(await extremeRows(device, growing, 2, 7)).toEqual(expected(growing, 2, 7));
  });

  test("take −0 for 0, and keep the numbers of the ends of float32", async () => {
    const x = Float32Array.of(0, -0, 0, 3.4028234e38, -3.4028234e38, 1e-45, -1e-45);
    const { largest, smallest } = await extremeRows(device, x, 1, 5);
    expect([...largest[0]!.rows]).toEqual([3, 5, 0, 1, 2]);
    expect([...smallest[0]!.rows]).toEqual([4, 6, 0, 1, 2]);
    expect(smallest[0]!.values).toEqual(Float32Array.of(-3.4028234e38, -1e-45, 0, 0, 0));
  });

  test.each([Number.NaN, Infinity, -Infinity])("refuse %d by its first row and column", async (value) => {
    const x = randomNormals(200 * 50, 1);
    for (const at of [131 * 50 + 49, 131 * 50 + 48, 199 * 50]) x[at] = value;
    const refusal = `Expected a finite number for row 131 of column 48 but received ${value}`;
    await expect(extremeRows(device, x, 50, 3)).rejects.toThrow(refusal);
  });

  test("refuse a count that is none, and half a row", async () => {
    await expect(extremeRows(device, new Float32Array(4), 2, 0)).rejects.toThrow(
      "Expected a whole number from 1 on for count but received 0",
    );
    await expect(extremeRows(device, new Float32Array(5), 2, 1)).rejects.toThrow(
      "a whole number of rows of 2 columns for x",
    );
  });
});
