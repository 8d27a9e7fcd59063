import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { divergence as run } from "../../src/kernels/divergence.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { divergence as reference } from "../reference/divergence.js";

describe.each(devices)("divergence on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is 0 between a row and itself, whatever is added to it", async () => {
    const x = Float32Array.of(1, 2, 4);
    expectClose(
      await run(
        device,
        x,
        x.map((value) => value + 8),
        3,
      ),
      [0],
      { absolute: 1e-12 },
    );
  });

  test("is p ln(p/q) summed, before first", async () => {
    const before = Float32Array.of(0, 0);
    const after = Float32Array.of(0, Math.log(3));
    const truth = 0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75);
    expectClose(await run(device, before, after, 2), [truth], { relative: 1e-6 });
  });

  test("keeps the digits of small divergences", async () => {
    const before = randomFloats(67 * 1009, 1, 2);
    const change = randomFloats(67 * 1009, 2, 2e-3);
    const after = before.map((value, i) => value + change[i]!);
    const truth = reference(before, after, 1009);
    expect(Math.max(...truth)).toBeLessThan(1e-5);
    // A logit of 4 has an ulp of 5e-7, so that d is off by 1e-4 of itself; the errors of many columns cancel.
    expectClose(await run(device, before, after, 1009), truth, { relative: 1e-3 });
  });

  test.each([
    [1, 1],
    [131, 31],
    [7, 33],
    [3, 5003],
  ])("matches the definition on %i rows of %i", async (rows, width) => {
    const before = randomFloats(rows * width, 1, 3);
    const after = randomFloats(rows * width, 2, 3);
    expectClose(await run(device, before, after, width), reference(before, after, width), {
      relative: 5e-6,
      absolute: 1e-12,
    });
  });

  test("stays finite where the rows disagree by hundreds of nats", async () => {
    const [before, after] = [Float32Array.of(0, 500), Float32Array.of(500, 0)];
    expectClose(await run(device, before, after, 2), [500], { relative: 1e-6 });
  });

  test("compares with the rows that an index names, and with none", async () => {
    const before = randomFloats(5 * 17, 1);
    const after = randomFloats(9 * 17, 2);
    const index = randomIntegers(9, 5, 3);
    index[4] = 2 ** 32 - 1;
    const out = await run(device, before, after, 17, index);
    expect(out[4]).toBe(0);
    expectClose(out, reference(before, after, 17, index), { relative: 5e-6 });
  });

  test("refuses an index past the last row", async () => {
    const [x, index] = [new Float32Array(2), Uint32Array.of(1)];
    await expect(run(device, x, x, 2, index)).rejects.toThrow("Expected rows below 1 for index but received 1");
  });
});
