import { expect, test } from "vitest";
import { bleu } from "../../src/evaluation/bleu.js";

test("is 1 for the right texts, and 0 where no run of four words is right", () => {
  expect(bleu(["a b c d e", "x"], ["a b c d e", "x"])).toBeCloseTo(1, 12);
  expect(bleu(["a b c x d e"], ["a b c d e f"])).toBe(0);
  expect(bleu(["", ""], ["a b c d", "a"])).toBe(0);
});

test("is the geometric mean of the shares of runs, each counted as often as it is right", () => {
  // runs of one word: 5 of 6, of two: 4 of 5, of three: 3 of 4, of four: 2 of 3
  expect(bleu(["a b c d e e"], ["a b c d e f"])).toBeCloseTo(((5 / 6) * (4 / 5) * (3 / 4) * (2 / 3)) ** 0.25, 12);
});

test("is less by e^(1 − right/written) where too little is written, over all texts together", () => {
  expect(bleu(["a b c d"], ["a b c d e f"])).toBeCloseTo(Math.exp(1 - 6 / 4), 12);
  const balanced = bleu(["a b c d", "x y z w v u"], ["a b c d e f", "x y z w"]);
  expect(balanced).toBeCloseTo((0.8 * (6 / 8) * (4 / 6) * (2 / 4)) ** 0.25, 12);
});

test("is none where no right text has four words", () => {
  expect(bleu(["a b c"], ["a b c"])).toBe(null);
});
