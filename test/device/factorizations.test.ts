import { describe, expect, test } from "vitest";
import { random } from "../../src/core/random.js";
import { fingerprint } from "../../src/core/sha256.js";
import { orthonormalizeRows } from "../../src/device/factorizations.js";
import { randomNormals } from "../random.js";
import { orthonormalRows } from "../reference/orthonormal-rows.js";

describe("orthonormal rows", () => {
  test("are what is left of each row by those before it, with length 1", async () => {
    const matrix = Float64Array.of(0, 2, 0, 3, 5, 0);
    await orthonormalizeRows(matrix, 2);
    expect([...matrix]).toEqual([0, 1, 0, 1, 0, 0]);
    await orthonormalizeRows(new Float64Array(0), 0);
  });

  test.each([
    [1, 1],
    [1, 9],
    [2, 2],
    [31, 33],
    [33, 33],
    [65, 67],
    [131, 200],
  ])("agree with Gram–Schmidt, %i rows × %i columns", async (rows, columns) => {
    const matrix = Float64Array.from(randomNormals(rows * columns, rows));
    const expected = orthonormalRows(matrix, rows);
    await orthonormalizeRows(matrix, rows);
    // the rounding of a sum of products, times how far the last rows are from those before
    const worst = matrix.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(worst).toBeLessThan(1e-10);
  });

  test("have the same bits on every machine", async () => {
    const next = random(4);
    const matrix = Float64Array.from({ length: 67 * 67 }, () => next() - 0.5);
    await orthonormalizeRows(matrix, 67);
    expect(fingerprint(matrix).slice(0, 16)).toBe("777eacd2399c5b4b");
  });

  test("refuse more rows than columns and half a row", async () => {
    await expect(orthonormalizeRows(new Float64Array(6), 3)).rejects.toThrow(
      "Expected 3 rows of at least 3 columns for matrix",
    );
    await expect(orthonormalizeRows(new Float64Array(5), 2)).rejects.toThrow("2 rows of at least 2 columns for matrix");
  });
});
