import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { permutation, random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { NO_ROW } from "../../src/kernels/gather-rows.js";
import { scatterRows as run } from "../../src/kernels/scatter-rows.js";
import { devices } from "../devices.js";
import { randomFloats } from "../floats.js";
import { scatterRows as reference } from "../reference/scatter-rows.js";

describe.each(devices)("scatter rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("writes rows to their places, leaves out those without one, and touches nothing else", async () => {
    const [x, out] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(-1, -2, -3, -4, -5, -6)];
    const index = Uint32Array.of(2, NO_ROW, 0);
    expect([...(await run(device, { x, index, out, width: 2 }))]).toEqual([5, 6, -3, -4, 1, 2]);
  });

  test.each([
    [0, 3],
    [7, 1],
    [301, 67],
  ])("matches the definition for %i rows of %i", async (rows, width) => {
    const x = randomFloats(rows * width, 1);
    const out = randomFloats((rows + 40) * width, 2);
    const index = permutation(rows + 40, random(3)).slice(0, rows);
    expect([...(await run(device, { x, index, out, width }))]).toEqual(reference({ x, index, out, width }));
  });

  test("refuses a row past the end", async () => {
    const given = { x: new Float32Array(2), index: Uint32Array.of(2), out: new Float32Array(4), width: 2 };
    await expect(run(device, given)).rejects.toThrow("Expected rows below 2 for index but received 2");
  });
});
