import { describe, expect, it } from "vitest";
import { LARGEST_HALF, narrowToHalves, widenBrainHalves, widenHalves } from "../../src/core/halves.js";

function widened(...halves: number[]): number[] {
  const into = new Float32Array(halves.length);
  widenHalves(Uint16Array.from(halves), into);
  return [...into];
}

function narrowed(...values: number[]): number[] {
  const into = new Uint16Array(values.length);
  narrowToHalves(Float32Array.from(values), into);
  return [...into];
}

describe("float16", () => {
  it("widens the numbers one knows by heart", () => {
    expect(widened(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00)).toEqual([
      1,
      -2,
      LARGEST_HALF,
      2 ** -24,
      2 ** -14,
      Infinity,
      -Infinity,
    ]);
    expect(widened(0x7e00)[0]).toBeNaN();
    expect(Object.is(widened(0x8000)[0], -0)).toBe(true);
  });

  it("comes back to the same bits for every number", () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const values = new Float32Array(65536);
    const back = new Uint16Array(65536);
    widenHalves(all, values);
    narrowToHalves(values, back);
    const wrong = [...all].filter((bits) => back[bits] !== bits && !Number.isNaN(values[bits]));
    expect(wrong).toEqual([]);
    expect(back[0x7e00]! & 0x7fff).toBe(0x7e00);
  });

  it("rounds to nearest with ties to even, also below 2^-14 and at the upper end", () => {
    expect(narrowed(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20)).toEqual([0x3c00, 0x3c02, 0x3c01]);
    expect(narrowed(2 ** -25, 2 ** -25 + 2 ** -40, 3 * 2 ** -25, -(2 ** -24))).toEqual([0, 1, 2, 0x8001]);
    expect(narrowed(65519, 65520, -1e30)).toEqual([0x7bff, 0x7c00, 0xfc00]);
  });

  it("refuses an array that is too small", () => {
    expect(() => widenHalves(new Uint16Array(3), new Float32Array(2))).toThrow("at least 3 elements for into");
  });
});

describe("bfloat16", () => {
  it("is the upper half of a float32", () => {
    const into = new Float32Array(3);
    widenBrainHalves(Uint16Array.of(0x3f80, 0xc000, 0x7f80), into);
    expect([...into]).toEqual([1, -2, Infinity]);
  });
});
