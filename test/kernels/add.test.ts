import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { add as run } from "../../src/kernels/add.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { add as reference } from "../reference/add.js";

describe.each(devices)("add on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("adds a scaled matrix", async () => {
    expect([...(await run(device, Float32Array.of(1, 2), Float32Array.of(10, 20), -0.5))]).toEqual([-4, -8]);
  });

  test.each([0, 1, 33, 20_011])("matches the definition on %i numbers", async (count) => {
    const [x, y] = [randomFloats(count, 1), randomFloats(count, 2)];
    expectClose(await run(device, x, y, 0.3), reference(x, y, 0.3), { absolute: 1e-6 });
  });

  test("refuses matrices of different sizes", async () => {
    const message = "Expected 1 × 2 elements for y but received 3";
    await expect(run(device, new Float32Array(2), new Float32Array(3))).rejects.toThrow(message);
  });
});
