import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { normParts as run } from "../../src/kernels/norm-parts.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { normParts as reference } from "../reference/norm-parts.js";

describe.each(devices)("norm parts on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("are differences from the mean times weights, or just times weights", async () => {
    const [x, weight] = [Float32Array.of(1, 3, 2, 2), Float32Array.of(10, 2)];
    expect([...(await run(device, { x, weight, norm: "layer" }))]).toEqual([-10, 2, 0, 0]);
    expect([...(await run(device, { x, weight, norm: "rms" }))]).toEqual([10, 6, 20, 4]);
  });

  test.each([
    [0, 3],
    [1, 1],
    [67, 31],
    [5, 769],
  ])("match the definition for %i rows of %i", async (rows, width) => {
    const [x, weight] = [randomFloats(rows * width, 1, 3), randomFloats(width, 2)];
    for (const norm of ["layer", "rms"] as const) {
      expectClose(await run(device, { x, weight, norm }), reference(x, weight, norm), {
        absolute: 3e-6,
        relative: 1e-6,
      });
    }
  });

  test("refuse rows of another width", async () => {
    const input = { x: new Float32Array(3), weight: new Float32Array(2), norm: "rms" } as const;
    await expect(run(device, input)).rejects.toThrow("Expected 1 × 2 elements for x but received 3");
  });
});
