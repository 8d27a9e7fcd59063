import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { masks } from "../../src/kernels/masks.js";
import { quantiles } from "../../src/kernels/quantiles.js";
import { devices } from "../devices.js";
import { randomNormals, unpackBits } from "../random.js";
import { quantiles as reference } from "../reference/quantiles.js";

describe.each(devices)("quantiles on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("leaves the largest fifth of ten values above", async () => {
    const x = Float32Array.of(3, 9, 1, 7, 5, 0, 8, 2, 6, 4);
    expect(await quantiles(device, x, 1, 0.2)).toEqual(Float32Array.of(7));
  });

  test("is the largest value where the share is less than one row", async () => {
    expect(await quantiles(device, Float32Array.of(-3, -1, -2), 1, 0.3)).toEqual(Float32Array.of(-1));
  });

  test("knows negative, zero, infinite and subnormal values", async () => {
    const x = Float32Array.of(-Infinity, -1, -0, 0, 1e-45, Infinity);
    const at = async (share: number) => (await quantiles(device, x, 1, share))[0];
    expect(await at(0.01)).toBe(Infinity);
    expect(await at(0.2)).toBe(Math.fround(1e-45));
    expect(await at(0.4)).toBe(0);
    expect(await at(0.6)).toBe(0);
    expect(await at(0.7)).toBe(-1);
    expect(await at(0.9)).toBe(-Infinity);
  });

  test.each([
    [1, 1, 0.5],
    [31, 3, 0.1],
    [33, 17, 0.9],
    [1031, 37, 0.005],
    [2500, 130, 0.05],
  ])("matches sorting on %i rows × %i columns, share %d", async (rows, columns, share) => {
    const x = randomNormals(rows * columns, rows);
    expect([...(await quantiles(device, x, columns, share))]).toEqual(reference(x, columns, share));
  });

  test("makes masks of exactly that many rows, and of fewer where the threshold is tied", async () => {
    const x = randomNormals(1000 * 2, 3).map((value, i) => (i % 2 === 1 ? Math.round(value) : value));
    const made = await masks(device, x, await quantiles(device, x, 2, 0.1));
    const [distinct, tied] = unpackBits(made.bits, 2, 1000).map((row) => row.filter((on) => on).length);
    expect(distinct).toBe(100);
    expect(tied).toBeLessThan(100);
  });

  test("names the row and column of a NaN", async () => {
    const x = randomNormals(90, 1);
    x[31] = Number.NaN;
    await expect(quantiles(device, x, 3, 0.1)).rejects.toThrow(
      "Expected a number for row 10 of column 1 but received NaN",
    );
  });

  test.each([0, 1, -1, Number.NaN])("refuses the share %d", async (share) => {
    await expect(quantiles(device, Float32Array.of(1), 1, share)).rejects.toThrow(
      `Expected a number between 0 and 1 for quantile but received ${share}`,
    );
  });

  test("cuts what exceeds a binding or a dimension of workgroups", async () => {
    await using small = await open({ limits: { bindingBytes: 65_536, groupsPerDimension: 7 } });
    const x = randomNormals(31 * 400, 6);
    expect([...(await quantiles(small, x, 400, 0.1))]).toEqual(reference(x, 400, 0.1));
  });
});
