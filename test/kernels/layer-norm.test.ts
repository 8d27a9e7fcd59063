import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { type LayerNormInput, layerNorm as run } from "../../src/kernels/layer-norm.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { layerNorm as reference } from "../reference/layer-norm.js";

const ones = (width: number) => new Float32Array(width).fill(1);

describe.each(devices)("layer norm on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("makes a row's mean 0 and its variance 1", async () => {
    const out = await run(device, { x: Float32Array.of(1, 3), weight: ones(2) }, 0);
    expectClose(out, [-1, 1], { absolute: 1e-6 });
  });

  test("gives the bias for a constant row", async () => {
    const input = { x: Float32Array.of(7, 7, 7), weight: ones(3), bias: Float32Array.of(1, 2, 3) };
    expect([...(await run(device, input))]).toEqual([1, 2, 3]);
  });

  test("of no rows is nothing", async () => {
    expect(await run(device, { x: new Float32Array(0), weight: ones(8) })).toHaveLength(0);
  });

  test.each([
    [3, 1],
    [5, 31],
    [67, 33],
    [4, 64],
    [2, 769],
  ])("matches the definition on %i rows of %i", async (rows, width) => {
    const input: LayerNormInput = {
      x: randomFloats(rows * width, 1, 3),
      residual: randomFloats(rows * width, 2),
      weight: randomFloats(width, 3),
      bias: randomFloats(width, 4),
    };
    // float32 sums of a row: a few ulp of values of a few units.
    expectClose(await run(device, input, 1e-5), reference(input, 1e-5), { absolute: 4e-6 });
  });

  test("keeps its digits where the mean is 1,000 standard deviations", async () => {
    const x = randomFloats(5 * 384, 5).map((value) => value + 1000);
    const input = { x, weight: ones(384) };
    // One ulp of 1,000 is 6e-5; the mean has half of that.
    expectClose(await run(device, input), reference(input, 1e-5), { absolute: 1e-4 });
  });

  test("refuses a residual of another size", async () => {
    const input = { x: new Float32Array(4), residual: new Float32Array(2), weight: ones(2) };
    await expect(run(device, input)).rejects.toThrow("Expected 2 × 2 elements for residual but received 2");
  });
});
