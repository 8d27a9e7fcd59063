import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { classSums } from "../../src/kernels/class-sums.js";
import { devices } from "../devices.js";
import { randomNormals } from "../random.js";
import { classSums as reference } from "../reference/class-sums.js";

/** Pairs of every row and a random class; some rows have none, some have two. */
function randomMembers(rows: number, classes: number): Uint32Array {
  const uniform = random(rows + classes);
  const members: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let times = Math.floor(uniform() * 3); times > 0; times--) members.push(row, Math.floor(uniform() * classes));
  }
  return Uint32Array.from(members);
}

describe.each(devices)("class sums on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("adds each row to its class, to two classes, or to none", async () => {
    const x = Float32Array.of(1, 2, 10, 20, 100, 200, 7, 7);
    const sums = await classSums(device, x, 2, Uint32Array.of(0, 1, 1, 0, 1, 1, 2, 1), 3);
    expect([...sums]).toEqual([10, 20, 111, 222, 0, 0]);
  });

  test("is 0 everywhere without members, and empty without columns", async () => {
    expect([...(await classSums(device, new Float32Array(6), 3, new Uint32Array(), 2))]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await classSums(device, new Float32Array(), 0, new Uint32Array(), 2)).toHaveLength(0);
  });

  test.each([
    [1, 1, 1],
    [31, 15, 3],
    [33, 17, 2],
    [101, 127, 5],
    [257, 131, 17],
    [7, 4099, 3],
  ])("matches float64 on %i rows × %i columns × %i classes", async (rows, columns, classes) => {
    const x = randomNormals(rows * columns, rows);
    const members = randomMembers(rows, classes);
    const sums = await classSums(device, x, columns, members, classes);
    const expected = reference(x, columns, members, classes).flat();
    // a pair of float32 has 48 bits; the rests themselves are added in float32
    const worst = sums.reduce((most, sum, i) => Math.max(most, Math.abs(sum - expected[i]!)), 0);
    expect(worst).toBeLessThan(1e-11 * rows);
  });

  test("keeps the digits of small differences on a large mean", async () => {
    const rows = 1000;
    const x = Float32Array.from({ length: rows }, (_, row) => 1e4 + (row % 7) / 1024);
    const members = Uint32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? i / 2 : 0));
    const [sum] = await classSums(device, x, 1, members, 1);
    expect(Math.abs(sum! - x.reduce((total, value) => total + value, 0))).toBeLessThan(1e-6); // of 1e7
  });

  test("shows NaN in its column and class only", async () => {
    const sums = await classSums(device, Float32Array.of(1, NaN, 3, 4), 2, Uint32Array.of(0, 0, 1, 1), 2);
    expect([...sums]).toEqual([1, NaN, 3, 4]);
  });

  test("refuses members that name no row or no class", async () => {
    const x = new Float32Array(4);
    await expect(classSums(device, x, 2, Uint32Array.of(2, 0), 1)).rejects.toThrow(
      "Expected a number below 2 for members[0] but received 2",
    );
    await expect(classSums(device, x, 2, Uint32Array.of(0, 1), 1)).rejects.toThrow(
      "Expected a number below 1 for members[1] but received 1",
    );
    await expect(classSums(device, x, 2, Uint32Array.of(0), 1)).rejects.toThrow(
      "Expected pairs of row and class for members",
    );
  });
});
