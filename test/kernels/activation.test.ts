import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { activationKinds, activation as run } from "../../src/kernels/activation.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats } from "../floats.js";
import { activation as reference } from "../reference/activation.js";

describe.each(devices)("activation on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("relu cuts what is below zero", async () => {
    expect([...(await run(device, "relu", Float32Array.of(-1, 0, 2)))]).toEqual([0, 0, 2]);
  });

  test("multiplies by the gated partner", async () => {
    expect([...(await run(device, "relu", Float32Array.of(-1, 3), Float32Array.of(5, 7)))]).toEqual([0, 21]);
  });

  test.each(activationKinds)("%s matches the definition, relatively, from −12 to 12", async (kind) => {
    const x = Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 833.3);
    // Relative, because a GELU that is right only absolutely is wrong in the negative tail; a GPU's exp has 3 + 2|x| ulp.
    expectClose(await run(device, kind, x), reference(kind, x), { relative: 2e-5, absolute: 1e-36 });
  });

  test.each(activationKinds)("%s is finite far out", async (kind) => {
    const x = Float32Array.of(-1000, -100, -30, 30, 100, 1000);
    expectClose(await run(device, kind, x), reference(kind, x), { relative: 1e-5, absolute: 1e-12 });
  });

  test.each([0, 1, 31, 33])("works for %i numbers", async (count) => {
    const [x, up] = [randomFloats(count, 1), randomFloats(count, 2)];
    expectClose(await run(device, "silu", x, up), reference("silu", x, up), { relative: 1e-5, absolute: 1e-7 });
  });

  test("refuses a partner of another size", async () => {
    const message = "Expected 1 × 2 elements for up but received 1";
    await expect(run(device, "gelu", new Float32Array(2), new Float32Array(1))).rejects.toThrow(message);
  });
});
