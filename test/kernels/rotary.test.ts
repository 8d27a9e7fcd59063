import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { type RotaryInput, rotaryFrequencies, rotaryTable, rotary as run } from "../../src/kernels/rotary.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { rotary as reference } from "../reference/rotary.js";

describe.each(devices)("rotary embedding on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("turns a pair by its position and leaves the rest", async () => {
    const table = rotaryTable(2, [Math.PI / 2]);
    const x = Float32Array.of(1, 2, 9, 1, 2, 9);
    const input = { x, positions: Uint32Array.of(0, 1), heads: 1, headWidth: 3, rotated: 2, table };
    expectClose(await run(device, input), [1, 2, 9, -2, 1, 9], { absolute: 1e-6 });
  });

  test.each([
    [1, 1, 2, 2, false],
    [9, 3, 8, 8, false],
    [130, 2, 20, 10, true],
    [67, 3, 33, 16, false],
  ])(
    "matches the definition for %i tokens, %i heads of %i, %i of them turned (interleaved: %s)",
    async (rows, heads, headWidth, rotated, interleaved) => {
      const input: RotaryInput = {
        x: randomFloats(rows * heads * headWidth, 1),
        positions: randomIntegers(rows, 512, 2),
        heads,
        headWidth,
        rotated,
        table: rotaryTable(512, rotaryFrequencies(rotated)),
        interleaved,
      };
      expectClose(await run(device, input), reference(input), { absolute: 1e-6 });
    },
  );

  test("refuses a position past the table", async () => {
    const table = rotaryTable(2, [1]);
    const input = { x: new Float32Array(2), positions: Uint32Array.of(2), heads: 1, headWidth: 2, rotated: 2, table };
    await expect(run(device, input)).rejects.toThrow("Expected numbers below 2 for positions but received 2");
  });

  test("refuses an odd number of turned columns", async () => {
    const table = new Float32Array(3);
    const input = { x: new Float32Array(4), positions: Uint32Array.of(0), heads: 1, headWidth: 4, rotated: 3, table };
    await expect(run(device, input)).rejects.toThrow("Expected an even number in 2 … 4 for rotated but received 3");
  });
});
