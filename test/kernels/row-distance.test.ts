import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { rowDistance as run } from "../../src/kernels/row-distance.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { rowDistance as reference } from "../reference/row-distance.js";

describe.each(devices)("row distance on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is the length of the move as a share of the length before", async () => {
    expectClose(await run(device, Float32Array.of(3, 4), Float32Array.of(3, 6), 2), [0.4], { relative: 1e-6 });
  });

  test("is 0 where both rows are zero, and the largest number where only the row before is", async () => {
    const out = await run(device, new Float32Array(4), Float32Array.of(0, 0, 1, 0), 2);
    expect(out[0]).toBe(0);
    expect(out[1]).toBeGreaterThan(3e38);
    expect(out[1]).toBeLessThan(Infinity);
  });

  test("is NaN where a row is no number, also one that is compared with itself", async () => {
    const rows = Float32Array.of(1, Number.NaN, 2, 1, Infinity, 1, 3, 4);
    const out = await run(device, rows, rows, 2);
    expect([...out]).toEqual([Number.NaN, 0, Number.NaN, 0]);
    const none = await run(device, rows, rows, 2, new Uint32Array(4).fill(2 ** 32 - 1));
    expect([...none]).toEqual([0, 0, 0, 0]);
  });

  test.each([
    [0, 3],
    [131, 31],
    [7, 33],
    [3, 5003],
  ])("matches the definition on %i rows of %i", async (rows, width) => {
    const [before, after] = [randomFloats(rows * width, 1), randomFloats(rows * width, 2)];
    expectClose(await run(device, before, after, width), reference(before, after, width), { relative: 2e-6 });
  });

  test("compares with the rows that an index names, and with none", async () => {
    const [before, after] = [randomFloats(5 * 17, 1), randomFloats(9 * 17, 2)];
    const index = randomIntegers(9, 5, 3);
    index[4] = 2 ** 32 - 1;
    const out = await run(device, before, after, 17, index);
    expectClose(out, reference(before, after, 17, index), { relative: 2e-6 });
  });

  test("refuses matrices of different heights without an index", async () => {
    const [before, after] = [new Float32Array(4), new Float32Array(2)];
    await expect(run(device, before, after, 2)).rejects.toThrow("Expected 1 rows like after for before but received 2");
  });
});
