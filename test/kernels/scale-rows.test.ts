import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { scaleRows as run } from "../../src/kernels/scale-rows.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { scaleRows as reference } from "../reference/scale-rows.js";

describe.each(devices)("scale rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("multiplies each row by its own number, and adds what is the same for all", async () => {
    const input = { x: Float32Array.of(1, 2, 3, 4), width: 2, scale: Float32Array.of(2, -1) };
    expect([...(await run(device, input))]).toEqual([2, 4, -3, -4]);
    expect([...(await run(device, { ...input, bias: Float32Array.of(10, 20) }))]).toEqual([12, 24, 7, 16]);
  });

  test("adds a share of a row of a second matrix", async () => {
    const rest = { rows: Float32Array.of(100, 200, 300, 400), index: Uint32Array.of(1, 0) };
    const input = { x: Float32Array.of(1, 2, 3, 4), width: 2, scale: Float32Array.of(2, 1, -1, 0.5), rest };
    expect([...(await run(device, input))]).toEqual([302, 404, 47, 96]);
    const past = { ...rest, index: Uint32Array.of(1, 2) };
    await expect(run(device, { ...input, rest: past })).rejects.toThrow(
      "Expected rows below 2 for index but received 2",
    );
  });

  test.each([
    [0, 3],
    [1, 1],
    [70, 33],
    [67, 1031],
  ])("matches the definition for %i rows of %i", async (rows, width) => {
    const [x, bias] = [randomFloats(rows * width, 1), randomFloats(width, 3)];
    const tolerance = { absolute: 1e-6, relative: 1e-6 };
    const one = { x, width, scale: randomFloats(rows, 2), bias };
    expectClose(await run(device, one), reference(one), tolerance);
    const rest = { rows: randomFloats(9 * width, 4), index: randomIntegers(rows, 9, 5) };
    const two = { x, width, scale: randomFloats(2 * rows, 6), rest };
    expectClose(await run(device, two), reference(two), tolerance);
    expectClose(await run(device, { ...two, bias }), reference({ ...two, bias }), tolerance);
  });

  test("refuses a bias of another width, and factors of another number of rows", async () => {
    const input = { x: new Float32Array(2), width: 2, scale: Float32Array.of(1) };
    const message = "Expected 2 elements for bias but received 3";
    await expect(run(device, { ...input, bias: new Float32Array(3) })).rejects.toThrow(message);
    const few = "Expected 1 × 1 elements for scale but received 2";
    await expect(run(device, { ...input, scale: new Float32Array(2) })).rejects.toThrow(few);
  });
});
