import { describe, expect, test } from "vitest";
import { formBatches } from "../../src/corpus/batches.js";

describe("formBatches", () => {
  test("puts sequences of similar length together", () => {
    expect(formBatches([5, 1, 5, 2, 1], 6)).toEqual([[1, 4, 3], [0], [2]]);
  });

  test("gives a sequence beyond the budget a batch of its own", () => {
    expect(formBatches([9, 1, 20], 4)).toEqual([[1], [0], [2]]);
  });

  test("has every sequence once, and no batch of none", () => {
    const lengths = Array.from({ length: 101 }, (_, i) => (i * 37) % 29);
    const batches = formBatches(lengths, 31);
    expect(batches.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
    for (const batch of batches) {
      const tokens = batch.reduce((sum, sequence) => sum + lengths[sequence]!, 0);
      expect(tokens <= 31 || batch.length === 1).toBe(true);
    }
    expect(formBatches([], 8)).toEqual([]);
  });
});
