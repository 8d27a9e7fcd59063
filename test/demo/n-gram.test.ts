import { expect, test } from "vitest";
import { NGram } from "./n-gram.js";

test("a unigram model without discount to hide behind is counting", () => {
  const model = new NGram([[9, 0, 0, 1, 1, 1, 2, 2]], 1, 10);
  // n1 = 0, n2 = 2 → D = 0: p(1) = 3/7.
  expect(model.loss([[9, 1]])).toBeCloseTo(-Math.log(3 / 7), 12);
});

test("a bigram model interpolates with how many tokens come before, not with how often a token occurs", () => {
  // Bigrams: 0 1 (twice), 0 2, 3 2. D = 2 / (2 + 2) = 1/2 for pairs; distinct predecessors: 1 has one, 2 has two.
  const model = new NGram(
    [
      [0, 1],
      [0, 1],
      [0, 2],
      [3, 2],
    ],
    2,
    4,
  );
  // Lower order: counts 1 and 2, n1 = 1, n2 = 1, D = 1/3: p(2) = (2 − 1/3 + 1/3 · 2 · 1/4) / 3.
  const lower = (2 - 1 / 3 + (1 / 3) * 2 * 0.25) / 3;
  expect(model.loss([[0, 2]])).toBeCloseTo(-Math.log((1 - 0.5 + 0.5 * 2 * lower) / 3), 12);
});

test("probabilities of all tokens sum to 1 in every context", () => {
  const sequences = [
    [0, 1, 2, 3, 1, 2, 0],
    [0, 3, 2, 1, 1, 2, 2],
  ];
  const model = new NGram(sequences, 3, 4);
  for (const context of [[0], [0, 1], [1, 2], [3, 3], [2, 2]]) {
    const losses = [0, 1, 2, 3].map((token) => model.loss([[...context, token]]) * context.length);
    const before = context.length === 1 ? 0 : model.loss([context]) * (context.length - 1);
    const sum = losses.reduce((total, loss) => total + Math.exp(before - loss), 0);
    expect(sum).toBeCloseTo(1, 12);
  }
});
