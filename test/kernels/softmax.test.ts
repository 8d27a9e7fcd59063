import { afterAll, beforeAll, describe, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { softmax as run } from "../../src/kernels/softmax.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { softmax as reference } from "../reference/softmax.js";

describe.each(devices)("softmax on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("shares out 1 by e^x", async () => {
    expectClose(await run(device, Float32Array.of(0, Math.log(3)), 2), [0.25, 0.75], { absolute: 1e-7 });
  });

  test("stays finite for scores of thousands", async () => {
    expectClose(await run(device, Float32Array.of(5000, 4000, 5000), 3), [0.5, 0, 0.5], { absolute: 1e-7 });
  });

  test.each([
    [1, 1],
    [67, 31],
    [5, 33],
    [3, 5003],
  ])("matches the definition on %i rows of %i", async (rows, width) => {
    const x = randomFloats(rows * width, 1, 4);
    // Sums of float32 of one sign, and an exponential of 2e-7.
    expectClose(await run(device, x, width, 0.7), reference(x, width, 0.7), { relative: 3e-6, absolute: 1e-12 });
  });
});
