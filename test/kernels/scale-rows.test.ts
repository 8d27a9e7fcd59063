import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { scaleRows as run } from "../../src/kernels/scale-rows.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { scaleRows as reference } from "../reference/scale-rows.js";

describe.each(devices)("scale rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("multiplies each row by its own number, and adds what is the same for all", async () => {
    const [x, scale] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(2, -1)];
    expect([...(await run(device, x, scale))]).toEqual([2, 4, -3, -4]);
    expect([...(await run(device, x, scale, Float32Array.of(10, 20)))]).toEqual([12, 24, 7, 16]);
  });

  test.each([
    [0, 3],
    [1, 1],
    [70, 33],
    [67, 1031],
  ])("matches the definition for %i rows of %i", async (rows, width) => {
    const [x, scale, bias] = [randomFloats(rows * width, 1), randomFloats(rows, 2), randomFloats(width, 3)];
    expectClose(await run(device, x, scale, bias), reference(x, scale, bias), { absolute: 1e-6, relative: 1e-6 });
  });

  test("refuses a bias of another width", async () => {
    const message = "Expected 2 elements for bias but received 3";
    await expect(run(device, new Float32Array(2), Float32Array.of(1), new Float32Array(3))).rejects.toThrow(message);
  });
});
