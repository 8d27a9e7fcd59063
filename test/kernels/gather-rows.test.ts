import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { NO_ROW, gatherRows as run } from "../../src/kernels/gather-rows.js";
import { devices } from "../devices.js";
import { randomFloats, randomIntegers } from "../floats.js";
import { gatherRows as reference } from "../reference/gather-rows.js";

describe.each(devices)("gather rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("takes rows in any order, and zeros where there is none", async () => {
    const x = Float32Array.of(1, 2, 3, 4);
    expect([...(await run(device, x, 2, Uint32Array.of(1, NO_ROW, 0, 1)))]).toEqual([3, 4, 0, 0, 1, 2, 3, 4]);
  });

  test.each([
    [0, 3],
    [7, 1],
    [301, 67],
  ])("matches the definition for %i rows of %i", async (rows, width) => {
    const x = randomFloats(11 * width, 1);
    const index = randomIntegers(rows, 11, 2);
    expect([...(await run(device, x, width, index))]).toEqual(reference(x, width, index));
  });

  test("refuses a row past the end", async () => {
    const message = "Expected rows below 2 for index but received 2";
    await expect(run(device, new Float32Array(4), 2, Uint32Array.of(2))).rejects.toThrow(message);
  });
});
