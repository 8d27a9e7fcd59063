import { describe, expect, test } from "vitest";
import { normal, random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { type ColumnMoments, correlation as run } from "../../src/kernels/correlation.js";
import { wide } from "../../src/kernels/float64.js";
import { devices } from "../devices.js";
import { expectClose } from "../floats.js";
import { correlation as reference } from "../reference/correlation.js";

const COUNT = 100;

/** Moments of columns whose d are around their own number, each with a variance of its own. */
function momentsOf(columns: number, seed: number): ColumnMoments {
  const next = normal(random(seed));
  const means = Float64Array.from({ length: columns }, () => next());
  const scales = Float64Array.from({ length: columns }, (_, j) => 1 / (10 + (j % 5)));
  return { sums: means.map((mean) => mean * COUNT), means, scales };
}

/** Sums of which `known` says those that are read; the others are NaN, and rows are longer than they need be. */
async function correlate(
  device: Device,
  known: (i: number, j: number) => number,
  x: ColumnMoments,
  y: ColumnMoments | null,
): Promise<Float32Array> {
  const [columns, others] = [x.sums.length, (y ?? x).sums.length];
  const stride = others + 3;
  const values = Array.from({ length: columns * stride }, (_, at) => {
    const [i, j] = [Math.floor(at / stride), at % stride];
    return j < others && (y || j > i) ? known(i, j) : Number.NaN;
  });
  using buffer = device.upload(wide(device, values));
  return await run(device, { buffer, stride }, x, y);
}

/** Sums around the shift whose r is a number between −1 and 1 of its own for every pair. */
const planted = (x: ColumnMoments, y: ColumnMoments) => (i: number, j: number) =>
  x.sums[i]! * y.means[j]! + Math.sin(3 * i + 7 * j) / (x.scales[i]! * y.scales[j]!);

describe.each(devices)("correlation on %s", (_, open) => {
  test("takes the means off, scales, and mirrors", async () => {
    await using device = await open();
    const x = { sums: Float64Array.of(2, 4), means: Float64Array.of(1, 2), scales: Float64Array.of(0.5, 0.25) };
    expect([...(await correlate(device, () => 6, x, null))]).toEqual([1, 0.25, 0.25, 1]);
  });

  test("is 0 where a column is constant, and never beyond 1", async () => {
    await using device = await open();
    const x = { sums: Float64Array.of(0, 0, 0), means: Float64Array.of(0, 0, 0), scales: Float64Array.of(1, 0, 1) };
    const r = await correlate(device, (i, j) => (i + j === 2 ? -1.0001 : 9), x, null);
    expect([...r].map((value) => value + 0)).toEqual([1, 0, -1, 0, 0, 0, -1, 0, 1]);
  });

  test.each([1, 15, 17, 31, 32, 33, 131])("matches the definition for %i columns, mirrored", async (columns) => {
    await using device = await open();
    const x = momentsOf(columns, columns);
    const sums = planted(x, x);
    expectClose(await correlate(device, sums, x, null), reference(sums, x, null).flat(), { absolute: 1e-7 });
  });

  test.each([
    [1, 33],
    [33, 1],
    [67, 131],
  ])("matches the definition for %i columns and %i others", async (columns, others) => {
    await using device = await open();
    const [x, y] = [momentsOf(columns, 1), momentsOf(others, 2)];
    const sums = planted(x, y);
    expectClose(await correlate(device, sums, x, y), reference(sums, x, y).flat(), { absolute: 1e-7 });
  });

  test("keeps small r where the means are far from the shift: what is left of sums a million times as large", async () => {
    await using device = await open();
    const x = momentsOf(40, 3);
    const far = { ...x, sums: x.sums.map((sum) => 1e3 * sum), means: x.means.map((mean) => 1e3 * mean) };
    const sums = planted(far, far);
    expectClose(await correlate(device, sums, far, null), reference(sums, far, null).flat(), { absolute: 2e-7 });
  });

  test("is empty without columns", async () => {
    await using device = await open();
    const none = momentsOf(0, 4);
    using buffer = device.allocate(4);
    expect((await run(device, { buffer, stride: 32 }, none, null)).length).toBe(0);
  });
});
