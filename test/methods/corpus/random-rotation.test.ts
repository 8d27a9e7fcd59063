import { describe, expect, test } from "vitest";
import { randomRotation } from "../../../src/methods/corpus/random-rotation.js";

describe("a random rotation", () => {
  test.each([1, 2, 7, 64, 131])("of size %i has orthonormal rows and columns", async (size) => {
    const q = await randomRotation(size, 3);
    const inner = (a: (k: number) => number, b: (k: number) => number) =>
      Array.from({ length: size }, (_, k) => a(k) * b(k)).reduce((sum, value) => sum + value, 0);
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) {
        const expected = i === j ? 1 : 0;
        expect(inner((k) => q[i * size + k]!, (k) => q[j * size + k]!)).toBeCloseTo(expected, 10); // biome-ignore format: one line
        expect(inner((k) => q[k * size + i]!, (k) => q[k * size + j]!)).toBeCloseTo(expected, 10); // biome-ignore format: one line
      }
    }
  });

  test("is the same for a seed, and another for another", async () => {
    expect(await randomRotation(5, 1)).toEqual(await randomRotation(5, 1));
    expect(await randomRotation(5, 1)).not.toEqual(await randomRotation(5, 2));
    expect((await randomRotation(0, 1)).length).toBe(0);
  });
});
