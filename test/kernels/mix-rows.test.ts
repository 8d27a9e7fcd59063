import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { mixRows as run } from "../../src/kernels/mix-rows.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { mixRows as reference } from "../reference/mix-rows.js";

describe.each(devices)("mix rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("adds shares of two rows, and what is the same for all", async () => {
    const x = Float32Array.of(1, 2, 10, 20);
    const input = { x, width: 2, index: Uint32Array.of(0, 1, 1, 1), shares: Float32Array.of(2, 0.5, 1, -1) };
    expect([...(await run(device, input))]).toEqual([7, 14, 0, 0]);
    expect([...(await run(device, { ...input, bias: Float32Array.of(100, 200) }))]).toEqual([107, 214, 100, 200]);
  });

  test.each([
    [0, 3],
    [1, 1],
    [70, 33],
    [67, 4099],
  ])("matches the definition for %i rows of %i", async (rows, width) => {
    const x = randomFloats(9 * width, 1);
    const [index, shares] = [randomIntegers(2 * rows, 9, 2), randomFloats(2 * rows, 3)];
    const bias = randomFloats(width, 4);
    const got = await run(device, { x, width, index, shares, bias });
    expectClose(got, reference(x, width, index, shares, bias), { absolute: 1e-6, relative: 1e-6 });
    const [three, rest] = [randomFloats(3 * rows, 5), randomFloats(9 * width, 6)];
    const all = await run(device, { x, width, index, shares: three, rest, bias });
    expectClose(all, reference(x, width, index, three, bias, rest), { absolute: 1e-6, relative: 1e-6 });
  });

  test("adds a share of the first row of a second matrix", async () => {
    const [x, rest] = [Float32Array.of(1, 2, 10, 20), Float32Array.of(3, 4)];
    const input = { x, width: 2, index: Uint32Array.of(0, 1), shares: Float32Array.of(2, 0.5, 100), rest };
    expect([...(await run(device, input))]).toEqual([307, 414]);
    const past = { ...input, index: Uint32Array.of(1, 0) };
    await expect(run(device, past)).rejects.toThrow("Expected first rows below 1 for index but received 1");
  });

  test("refuses a row past the end, and shares of another size", async () => {
    const input = { x: new Float32Array(4), width: 2, index: Uint32Array.of(0, 2), shares: new Float32Array(2) };
    await expect(run(device, input)).rejects.toThrow("Expected rows below 2 for index but received 2");
    const short = { ...input, index: Uint32Array.of(0, 1), shares: new Float32Array(3) };
    await expect(run(device, short)).rejects.toThrow("Expected 1 × 2 elements for shares but received 3");
  });
});
