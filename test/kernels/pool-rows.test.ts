import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { poolings, type RowGroups, poolRows as run } from "../../src/kernels/pool-rows.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { poolRows as reference } from "../reference/pool-rows.js";

const x = Float32Array.of(1, 8, 3, 6, 5, 4);
const runs = { starts: Uint32Array.of(0, 1, 1), ends: Uint32Array.of(2, 3, 1) };

describe.each(devices)("pooled rows on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test.each([
    ["first", [1, 8, 3, 6, 0, 0]],
    ["last", [3, 6, 5, 4, 0, 0]],
    ["mean", [2, 7, 4, 5, 0, 0]],
    ["max", [3, 8, 5, 6, 0, 0]],
  ] as const)("%s of overlapping and empty groups", async (pooling, expected) => {
    expect([...(await run(device, x, 2, runs, pooling))]).toEqual(expected);
  });

  test("follows a list of members in its order", async () => {
    const groups = { starts: Uint32Array.of(0), ends: Uint32Array.of(2), members: Uint32Array.of(2, 0) };
    expect([...(await run(device, x, 2, groups, "last"))]).toEqual([1, 8]);
  });

  test.each(poolings)("%s matches the definition on 301 groups of 67 columns", async (pooling) => {
    const starts = randomIntegers(301, 50, 1);
    const lengths = randomIntegers(301, 14, 2);
    const groups: RowGroups = { starts, ends: starts.map((start, g) => start + lengths[g]!) };
    const listed = { ...groups, members: randomIntegers(64, 64, 3) };
    const values = randomFloats(64 * 67, 4);
    for (const each of [groups, listed]) {
      const out = await run(device, values, 67, each, pooling);
      expectClose(out, reference(values, 67, each, pooling), { absolute: 1e-6 });
    }
  });

  test("refuses a group that reaches past the last row", async () => {
    const groups = { starts: Uint32Array.of(1), ends: Uint32Array.of(4) };
    await expect(run(device, x, 2, groups, "max")).rejects.toThrow("Expected 1 … 3 for ends[0] but received 4");
  });
});
