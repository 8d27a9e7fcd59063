import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { rmsNorm as run } from "../../src/kernels/rms-norm.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { rmsNorm as reference } from "../reference/rms-norm.js";

describe.each(devices)("root mean square norm on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("divides a row by its root mean square", async () => {
    const out = await run(device, { x: Float32Array.of(3, 4), weight: Float32Array.of(1, 2) }, { epsilon: 0 });
    expectClose(out, [3 / Math.sqrt(12.5), 8 / Math.sqrt(12.5)], { relative: 1e-6 });
  });

  test("leaves zeros zero", async () => {
    expect([...(await run(device, { x: new Float32Array(3), weight: Float32Array.of(1, 1, 1) }))]).toEqual([0, 0, 0]);
  });

  test.each([
    [3, 1, 1],
    [67, 33, 1],
    [5, 8, 4],
    [2, 127, 3],
  ])("matches the definition on %i rows of %i columns, %i segments each", async (rows, width, segments) => {
    const size = rows * width * segments;
    const input = { x: randomFloats(size, 1), residual: randomFloats(size, 2, 2), weight: randomFloats(width, 3) };
    const out = await run(device, input, { segments, epsilon: 1e-6 });
    expectClose(out, reference(input, 1e-6), { absolute: 2e-6, relative: 1e-6 });
  });

  test("refuses rows that are not whole", async () => {
    const input = { x: new Float32Array(5), weight: new Float32Array(2) };
    await expect(run(device, input)).rejects.toThrow("Expected 2 × 2 elements for x but received 5");
  });
});
