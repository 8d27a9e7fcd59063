import { expect, test } from "vitest";
import { contentOf, distinctNGrams } from "../../src/corpus/n-grams.js";
import type { Encoding } from "../../src/model/tokenizer.js";

function encoding(ids: readonly number[], special: readonly number[] = ids.map(() => 0)): Encoding {
  const spans = new Uint32Array(ids.length);
  return { ids: Uint32Array.from(ids), starts: spans, ends: spans, special: Uint8Array.from(special) };
}

test("n-grams are the different runs of a sentence's own tokens, where they first stand", () => {
  const found = distinctNGrams([encoding([9, 1, 2, 1, 2, 9], [1, 0, 0, 0, 0, 1]), encoding([2, 1, 3])], 2);
  expect(found.map(({ ids, sentence, position }) => [[...ids], sentence, position])).toEqual([
    [[1, 2], 0, 0],
    [[2, 1], 0, 1],
    [[1, 3], 1, 1],
  ]);
  expect(distinctNGrams([encoding([1, 2])], 3)).toEqual([]);
  expect([...contentOf(encoding([7, 8], [1, 0]))]).toEqual([8]);
});
