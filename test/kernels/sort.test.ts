import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { sortColumns } from "../../src/kernels/sort.js";
import { devices } from "../devices.js";
import { randomNormals } from "../random.js";
import { sort as reference } from "../reference/sort.js";

describe.each(devices)("sort on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("puts the largest value first and names the rows", async () => {
    const { order, values } = await sortColumns(device, Float32Array.of(2, 3, 1, -1, -3, -2), 2);
    expect([...order]).toEqual([1, 0, 2, 0, 2, 1]);
    expect([...values]).toEqual([3, 2, 1, -1, -2, -3]);
  });

  test("keeps the order of rows where values are equal, −0 and 0 too", async () => {
    const { order, values } = await sortColumns(device, Float32Array.of(0, 1, -0, 0, 1, -1), 1);
    expect([...order]).toEqual([1, 4, 0, 2, 3, 5]);
    expect([...values]).toEqual([1, 1, 0, 0, 0, -1]);
  });

  test("sorts infinities and subnormal numbers", async () => {
    const x = Float32Array.of(1e-45, -Infinity, Infinity, -1e-45, 3e38, -3e38, 0);
    const { order } = await sortColumns(device, x, 1);
    expect([...order]).toEqual([2, 4, 0, 6, 3, 5, 1]);
  });

  test.each([
    [0, 2],
    [1, 3],
    [31, 2],
    [255, 1],
    [256, 2],
    [257, 2],
    [1031, 5],
    [300, 70],
    [5003, 1],
  ])("matches the definition on %i rows × %i columns, half of them tied", async (rows, columns) => {
    const x = randomNormals(rows * columns, rows).map((value, i) => (i % 2 === 0 ? value : Math.round(4 * value) / 4));
    const { order, values } = await sortColumns(device, x, columns);
    for (let column = 0; column < columns; column++) {
      const run = x.subarray(column * rows, column * rows + rows);
      const expected = reference(run);
      expect([...order.subarray(column * rows, column * rows + rows)]).toEqual(expected);
      expect([...values.subarray(column * rows, column * rows + rows)]).toEqual(expected.map((row) => run[row]! + 0));
    }
  });

  test("names the row and column of a NaN", async () => {
    const x = randomNormals(600, 1);
    x[299] = -Number.NaN;
    x[415] = Number.NaN;
    await expect(sortColumns(device, x, 3)).rejects.toThrow(
      "Expected a number for row 15 of column 2 but received NaN",
    );
  });

  test("refuses columns of unequal length", async () => {
    await expect(sortColumns(device, new Float32Array(5), 2)).rejects.toThrow(
      "Expected 2 columns of equal length for x but received Float32Array of 20 bytes",
    );
  });

  test("cuts what exceeds a binding or a dimension of workgroups", async () => {
    await using small = await open({ limits: { bindingBytes: 65_536, groupsPerDimension: 7 } });
    const x = randomNormals(100 * 200, 6);
    const { order } = await sortColumns(small, x, 200);
    const expected = Array.from({ length: 200 }, (_, column) =>
      reference(x.subarray(column * 100, column * 100 + 100)),
    );
    expect([...order]).toEqual(expected.flat());
  });
});
