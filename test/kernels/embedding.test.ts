import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../src/device/device.js";
import { type Lookup, embedding as run } from "../../src/kernels/embedding.js";
import { devices } from "../devices.js";
import { expectClose, randomFloats, randomIntegers } from "../floats.js";
import { embedding as reference } from "../reference/embedding.js";

const lookup = (rows: number, limit: number, width: number, seed: number): Lookup => ({
  ids: randomIntegers(rows, limit, seed),
  table: randomFloats(limit * width, seed + 1),
});

describe.each(devices)("embedding on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is the table's rows in the order of the ids", async () => {
    const table = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect([...(await run(device, { ids: Uint32Array.of(2, 0, 2), table }, 2))]).toEqual([5, 6, 1, 2, 5, 6]);
  });

  test("adds position and type rows, the first table scaled", async () => {
    const words = { ids: Uint32Array.of(1), table: Float32Array.of(1, 2, 3, 4) };
    const positions = { ids: Uint32Array.of(0), table: Float32Array.of(10, 20) };
    const types = { ids: Uint32Array.of(1), table: Float32Array.of(100, 200, 300, 400) };
    expect([...(await run(device, words, 2, { positions, types, scale: 2 }))]).toEqual([316, 428]);
  });

  test("of no tokens is nothing", async () => {
    expect(await run(device, { ids: new Uint32Array(0), table: new Float32Array(8) }, 4)).toHaveLength(0);
  });

  test.each([
    [1, 1, 1],
    [13, 7, 31],
    [257, 101, 65],
  ])("matches the definition for %i tokens of a table of %i × %i", async (rows, limit, width) => {
    const words = lookup(rows, limit, width, 1);
    const options = { positions: lookup(rows, rows, width, 3), types: lookup(rows, 2, width, 5), scale: 1.5 };
    // Two roundings of sums of three numbers.
    expectClose(await run(device, words, width, options), reference(words, width, options), { absolute: 1e-6 });
  });

  test("refuses an id past the end of the table", async () => {
    const words = { ids: Uint32Array.of(0, 2), table: new Float32Array(4) };
    await expect(run(device, words, 2)).rejects.toThrow("Expected ids below 2 for table but received 2");
  });
});
