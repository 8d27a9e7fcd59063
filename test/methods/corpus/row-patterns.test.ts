import { describe, expect, test } from "vitest";
import { packBits } from "../../../src/core/bits.js";
import { countPatterns, rowPatterns } from "../../../src/methods/corpus/row-patterns.js";
import { randomRows } from "../../random.js";

describe("row patterns", () => {
  test("take rows with the same concepts together, and leave out patterns that no row has in the end", () => {
    const patterns = rowPatterns(
      packBits([
        [true, true, false, false, true],
        [true, false, false, false, true],
      ]),
    );
    expect([...patterns.ofRow]).toEqual([0, 1, 2, 2, 0]);
    expect([...patterns.sizes]).toEqual([2, 1, 2]);
    expect([...patterns.starts]).toEqual([0, 2, 3, 3]);
    expect([...patterns.concepts]).toEqual([0, 1, 0]);
    expect([...patterns.bits.bits]).toEqual([0b011, 0b001]);
    expect([...countPatterns(patterns, Uint32Array.of(0b10110))]).toEqual([1, 1, 1]);
  });

  test.each([
    [1, 1],
    [3, 33],
    [6, 500],
    [40, 101],
  ])("give every row the concepts it has, of %i concepts and %i rows", (count, rows) => {
    const concepts = randomRows(count, rows, 0.3, count);
    const { ofRow, starts, concepts: listed, bits, sizes } = rowPatterns(packBits(concepts));
    expect(new Set(ofRow).size).toBe(sizes.length);
    expect(sizes.length).toBe(new Set(Array.from({ length: rows }, (_, r) => concepts.map((c) => c[r]).join())).size);
    expect(bits.columns).toBe(sizes.length);
    ofRow.forEach((pattern, row) => {
      const own = concepts.flatMap((concept, c) => (concept[row] ? [c] : []));
      expect([...listed.subarray(starts[pattern], starts[pattern + 1])]).toEqual(own);
    });
  });
});
