import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { Recorder } from "../../src/device/plan.js";
import { masks, masksKernel, noRow } from "../../src/kernels/masks.js";
import { devices } from "../devices.js";
import { randomNormals, unpackBits } from "../random.js";
import { masks as reference } from "../reference/masks.js";

describe.each(devices)("masks on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is on where a value lies strictly above its column's threshold", async () => {
    const made = await masks(device, Float32Array.of(0, 1, 2, -1, 0.5, 2), Float32Array.of(0, 1, 2));
    expect(unpackBits(made.bits, 3, 2)).toEqual([
      [false, false],
      [false, false],
      [false, false],
    ]);
    const above = await masks(device, Float32Array.of(0.1, 1, 3, -1, 1.5, 2), Float32Array.of(0, 1, 2));
    expect(unpackBits(above.bits, 3, 2)).toEqual([
      [true, false],
      [false, true],
      [true, false],
    ]);
  });

  test.each([
    [0, 3],
    [1, 1],
    [31, 5],
    [32, 17],
    [33, 31],
    [131, 67],
    [521, 33],
    [1000, 130],
  ])("matches the definition on %i rows × %i columns", async (rows, columns) => {
    const x = randomNormals(rows * columns, rows + columns);
    const threshold = randomNormals(columns, 7).map((value) => value / 4);
    const made = await masks(device, x, threshold);
    expect(unpackBits(made.bits, made.rows, made.columns)).toEqual(reference(x, threshold));
  });

  test("appends blocks of any length, one behind the other", async () => {
    const threshold = Float32Array.of(0, 0, 0);
    const x = randomNormals(3 * 171, 3);
    const plan = new Recorder();
    const operands = {
      x: plan.external("x", "f32", [96, 3]),
      threshold: plan.external("threshold", "f32", [3]),
      nan: plan.external("nan", "u32", [3]),
      bits: plan.external("bits", "u32", [3, 6]),
    };
    const numbers = { rows: plan.parameter("rows"), columns: 3, firstRow: plan.parameter("firstRow") };
    plan.record(masksKernel, operands, numbers);
    using compiled = device.plan(plan);
    using bits = device.upload(new Uint32Array(18));
    using nan = device.upload(new Uint32Array(3).fill(noRow));
    using limit = device.upload(threshold);
    for (let firstRow = 0, rows = 1; firstRow < 171; firstRow += rows, rows = Math.min(rows * 3, 171 - firstRow)) {
      using block = device.upload(x.subarray(firstRow * 3, (firstRow + rows) * 3));
      const buffers = { x: block, bits, nan, threshold: limit };
      await device.submit(compiled, { buffers, parameters: { rows, firstRow } }).done;
    }
    const got = await device.download(bits, new Uint32Array(18));
    expect(unpackBits(got, 3, 171)).toEqual(reference(x, threshold));
  });

  test("names the first row and column that hold NaN", async () => {
    const x = randomNormals(100 * 40, 5);
    x[77 * 40 + 3] = Number.NaN;
    x[50 * 40 + 39] = -Number.NaN;
    await expect(masks(device, x, new Float32Array(40))).rejects.toThrow(
      "Expected a number for row 50 of column 39 but received NaN",
    );
  });

  test("refuses an array that is no whole number of rows", async () => {
    await expect(masks(device, new Float32Array(5), new Float32Array(2))).rejects.toThrow(
      "Expected a whole number of rows of 2 columns for x but received Float32Array of 20 bytes",
    );
  });

  test("cuts what exceeds a binding or a dimension of workgroups", async () => {
    await using small = await open({ limits: { bindingBytes: 65_536, groupsPerDimension: 7 } });
    const x = randomNormals(17 * 900, 6);
    const threshold = new Float32Array(900);
    const made = await masks(small, x, threshold);
    expect(unpackBits(made.bits, 900, 17)).toEqual(reference(x, threshold));
  });
});
