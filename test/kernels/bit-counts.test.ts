import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packBits } from "../../src/core/bits.js";
import type { Device } from "../../src/device/device.js";
import { bitCounts } from "../../src/kernels/bit-counts.js";
import { devices } from "../devices.js";
import { randomRows } from "../random.js";
import { bitCounts as reference } from "../reference/bit-counts.js";

describe.each(devices)("bit counts on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("counts the bits of each row", async () => {
    expect([
      ...(await bitCounts(
        device,
        packBits([
          [true, false, true],
          [false, false, false],
        ]),
      )),
    ]).toEqual([2, 0]);
  });

  test.each([
    [1, 31],
    [2, 32],
    [3, 33],
    [67, 1000],
    [600, 130],
  ])("matches the definition on %i rows of %i bits", async (rows, columns) => {
    const matrix = randomRows(rows, columns, 0.4, columns);
    expect([...(await bitCounts(device, packBits(matrix)))]).toEqual(reference(matrix));
  });

  test("is 0 for rows without bits", async () => {
    expect([...(await bitCounts(device, { bits: new Uint32Array(), rows: 2, columns: 0 }))]).toEqual([0, 0]);
  });
});
