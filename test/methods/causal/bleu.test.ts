import { describe, expect, it, test } from "vitest";
import { bleu, bleuCounts, bleuOf } from "../../../src/methods/causal/bleu.js";
import { bleuWords } from "../../../src/methods/causal/bleu-words.js";
import reference from "../../fixtures/bleu.json" with { type: "json" };

describe("BLEU", () => {
  it.each(reference.words)("cuts $text as sacreBLEU does", ({ text, words }) => {
    expect(bleuWords(text)).toEqual(words);
  });

  it.each(reference.corpora.map((corpus, i) => ({ i, ...corpus })))("of corpus $i is sacreBLEU's", (corpus) => {
    const sums = corpus.written.map((text, i) => bleuCounts(text, corpus.right[i]!));
    const together = sums[0]!.map((_, n) => sums.reduce((sum, counts) => sum + counts[n]!, 0));
    expect(bleuOf(together)).toBeCloseTo(corpus.bleu / 100, 12);
  });
});

test("is 1 for the right texts, and 0 where no word is right", () => {
  expect(bleu(["a b c d e", "x"], ["a b c d e", "x"])).toBeCloseTo(1, 12);
  expect(bleu(["x y z w"], ["a b c d e f"])).toBe(0);
  expect(bleu(["", ""], ["a b c d", "a"])).toBe(0);
});

test("is the geometric mean of the shares of runs, each counted as often as it is right", () => {
  // runs of one word: 5 of 6, of two: 4 of 5, of three: 3 of 4, of four: 2 of 3
  expect(bleu(["a b c d e e"], ["a b c d e f"])).toBeCloseTo(((5 / 6) * (4 / 5) * (3 / 4) * (2 / 3)) ** 0.25, 12);
});

test("takes half a run where none of a length is right, and a quarter for the next length", () => {
  expect(bleu(["a b c x d e"], ["a b c d e f"])).toBeCloseTo(((5 / 6) * (3 / 5) * (1 / 4) * (0.5 / 3)) ** 0.25, 12);
  expect(bleu(["a b x c d"], ["a b c d e"])).toBeCloseTo(((4 / 5) * (2 / 4) * (0.5 / 3) * (0.25 / 2)) ** 0.25, 12);
});

test("is less by e^(1 − right/written) where too little is written, over all texts together", () => {
  expect(bleu(["a b c d"], ["a b c d e f"])).toBeCloseTo(Math.exp(1 - 6 / 4), 12);
  const balanced = bleu(["a b c d", "x y z w v u"], ["a b c d e f", "x y z w"]);
  expect(balanced).toBeCloseTo((0.8 * (6 / 8) * (4 / 6) * (2 / 4)) ** 0.25, 12);
});

test("is none where no right text has four words", () => {
  expect(bleu(["a b c"], ["a b c"])).toBe(null);
});
