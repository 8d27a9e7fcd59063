import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packBits } from "../../src/core/bits.js";
import type { Device } from "../../src/device/device.js";
import { iou, overlap } from "../../src/kernels/overlap.js";
import { devices } from "../devices.js";
import { randomRows } from "../random.js";
import { overlap as reference } from "../reference/overlap.js";

describe.each(devices)("overlap on %s", (name, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("counts the bits that two rows share, and each row's own", async () => {
    const masks = packBits([
      [true, true, false],
      [false, false, true],
    ]);
    const concepts = packBits([[true, true, true]]);
    expect(await overlap(device, masks, concepts)).toEqual({
      both: Uint32Array.of(2, 1),
      masks: Uint32Array.of(2, 1),
      concepts: Uint32Array.of(3),
      rows: 3,
    });
  });

  test("has IoU 1 for a row with itself and 0 for disjoint rows", async () => {
    const masks = packBits([
      [true, true, false],
      [false, false, true],
    ]);
    expect([...(await iou(device, masks, masks))]).toEqual([1, 0, 0, 1]);
  });

  test("has IoU 0, not NaN, where both rows are empty", async () => {
    const empty = packBits([[false, false]]);
    expect([...(await iou(device, empty, empty))]).toEqual([0]);
  });

  test.each([
    [1, 1, 1],
    [3, 5, 31],
    [8, 24, 32],
    [9, 25, 33],
    [7, 11, 63],
    [2, 3, 65],
    [17, 29, 1000],
    [65, 67, 777],
    [5, 3, 4096 + 64],
    [4, 26, 8191],
    [3, 2, 40_003],
  ])("matches the definition for %i × %i rows of %i bits", async (a, b, bits) => {
    const masks = randomRows(a, bits, 0.3, a + bits);
    const concepts = randomRows(b, bits, 0.6, b);
    const got = await overlap(device, packBits(masks), packBits(concepts));
    expect([...got.both]).toEqual(reference(masks, concepts));
  });

  test("is exact on more than 64 tiles", async () => {
    const masks = randomRows(name === "native" ? 600 : 577, 97, 0.5, 1);
    const concepts = randomRows(519, 97, 0.5, 2);
    const got = await overlap(device, packBits(masks), packBits(concepts));
    expect([...got.both]).toEqual(reference(masks, concepts));
  });

  test("finds the planted concept of every mask", async () => {
    const concepts = randomRows(40, 2000, 0.1, 5);
    const noise = randomRows(40, 2000, 0.02, 6);
    const masks = concepts.map((row, i) => row.map((on, k) => on !== noise[i]![k]));
    const got = await iou(device, packBits(masks), packBits(concepts));
    for (let i = 0; i < 40; i++) {
      const row = got.subarray(i * 40, i * 40 + 40);
      expect(row.indexOf(Math.max(...row))).toBe(i);
    }
  });

  test("has no counts without rows or columns", async () => {
    const none = { bits: new Uint32Array(), rows: 0, columns: 5 };
    const got = await overlap(device, none, packBits([[true, false, true, false, false]]));
    expect(got.both).toEqual(new Uint32Array());
    const flat = { bits: new Uint32Array(), rows: 2, columns: 0 };
    expect([...(await iou(device, flat, flat))]).toEqual([0, 0, 0, 0]);
  });

  test("refuses matrices over different columns", async () => {
    const wrong = iou(device, packBits([[true, false]]), packBits([[true]]));
    await expect(wrong).rejects.toThrow("Expected 2 columns like masks for concepts but received 1");
  });

  test("cuts what exceeds a binding or a dimension of workgroups", async () => {
    await using small = await open({ limits: { bindingBytes: 65_536, groupsPerDimension: 7 } });
    const masks = randomRows(700, 1500, 0.5, 1);
    const concepts = randomRows(90, 1500, 0.5, 2);
    const got = await overlap(small, packBits(masks), packBits(concepts));
    expect([...got.both]).toEqual(reference(masks, concepts));
    expect([...got.masks]).toEqual(masks.map((row) => row.filter((on) => on).length));
  });
});
