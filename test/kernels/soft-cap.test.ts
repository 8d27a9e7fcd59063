import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { softCap as run } from "../../src/kernels/soft-cap.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { softCap as reference } from "../reference/soft-cap.js";

describe.each(devices)("soft cap on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("leaves small numbers and stops large ones at the cap", async () => {
    const capped = await run(device, Float32Array.of(0, 1e-3, -1e9, 1e9), 30);
    expectClose(capped, [0, 1e-3, -30, 30], { relative: 1e-6 });
  });

  test.each([0, 1, 31, 33, 20_011])("matches the definition on %i numbers", async (count) => {
    const x = randomFloats(count, 1, 20);
    expectClose(await run(device, x, 7.5), reference(x, 7.5), { relative: 2e-6, absolute: 1e-7 });
  });

  test.each([0, -1, Number.NaN])("refuses a cap of %d", async (cap) => {
    const message = `Expected a positive number for cap but received ${cap}`;
    await expect(run(device, new Float32Array(2), cap)).rejects.toThrow(message);
  });
});
