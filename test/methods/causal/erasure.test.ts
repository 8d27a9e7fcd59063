import { afterAll, expect, test } from "vitest";
import { spacedSentence } from "../../../src/corpus/corpus.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { ablateRanking } from "../../../src/methods/causal/ablate-ranking.js";
import { openTestDevice } from "../../devices.js";
import { toyModel } from "./toy-model.js";

const opened = openTestDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());
const corpus = { path: "x", fingerprint: "f", sentences: ["01", "13"].map((text) => spacedSentence(text)) };
const options = { value: "zero", sites: "layers.1.mlp.hidden" } as const;

/** −ln p of the right next number, of a wrong one, and of any where the neuron is gone. */
const right = Math.log(Math.exp(4) + 5) - 4;
const wrong = Math.log(Math.exp(4) + 5);
const flat = Math.log(6);

test("erasure is the growth of −ln p as a share of it, over all predictions together", async () => {
  const result = await ablateEach(toyModel(await opened), corpus, { ...options, metric: "erasure" });
  expect(result.baseline).toBe(0);
  expect(result.scores[0]).toBeCloseTo((flat - right) / (right + wrong), 6);
  expect(result.scores[1]).toBeCloseTo((flat - wrong) / (right + wrong), 6);
  expect([...result.order.subarray(0, 1), ...result.order.subarray(-1)]).toEqual([0, 1]);
});

test("the authors' mean of ratios falls where ablation does harm, and its damage rises", async () => {
  const result = await ablateEach(toyModel(await opened), corpus, { ...options, metric: "erasure-li" });
  expect(result.scores[0]).toBeCloseTo((flat - right) / right / 2, 3); // p near 1 has few digits of −ln p
  expect(result.scores[1]).toBeCloseTo((flat - wrong) / wrong / 2, 6);
  const counts = [0, 1, 8];
  const { values } = await ablateRanking(toyModel(await opened), corpus, result, { value: "zero", metric: "erasure-li", counts }); // biome-ignore format: one line
  expect(values.baseline).toBe(0);
  expect(values.top[1]).toBeCloseTo(-result.scores[result.order[0]!]!, 6);
  expect(values.top[2]).toBeCloseTo(-(result.scores[0]! + result.scores[1]!), 6);
});

test("a concept's share is of its own −ln p, the others' of theirs", async () => {
  const labelled = { ...corpus, sentences: corpus.sentences.map((s) => ({ ...s, words: s.words.map((w) => ({ ...w, annotations: { last: s.text[1]! } })) })) }; // biome-ignore format: one line
  const result = await ablateEach(toyModel(await opened), labelled, {
    ...options,
    metric: "erasure",
    concept: "last=1",
  });
  expect(result.scores[0]).toBeCloseTo((flat - right) / right, 4);
  expect(result.others!.damage[1]).toBeCloseTo((flat - wrong) / wrong, 5);
});
