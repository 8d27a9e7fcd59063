import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { openDevice } from "../../src/device/select.js";
import { agreement, minimalPairs } from "../../src/evaluation/pairs.js";
import { ablateEach } from "../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../src/model/load.js";
import reference from "../fixtures/models/pair-reference.json" with { type: "json" };
import { data } from "./folder.js";

const opened = openDevice("native");
afterAll(async () => (await opened)[Symbol.asyncDispose]());
const load = async (name: string) => loadModel(`${data}models/${name}`, { device: await opened });
const items = () => readCorpus(join(import.meta.dirname, "../fixtures/agreement.tsv"));

/** The first pairs of a BLiMP set. */
async function blimp(name: string, pairs: number) {
  const corpus = await readCorpus(`${data}corpora/blimp/${name}.jsonl`);
  return { ...corpus, sentences: corpus.sentences.slice(0, 2 * pairs) };
}

/** Numbers of bench/peers/make-pair-reference.py. */
describe("as many pairs are right as with transformers and torch", () => {
  const sets = Object.entries(reference["small-gpt2"]).map(([name, of]) => ({ name, of }));
  it.each(sets)("of small-gpt2 on $name", async ({ name, of }) => {
    await using model = await load("small-gpt2");
    const corpus = await blimp(name, of.plain.pairs);
    for (const [expected, options] of [
      [of.plain, {}],
      [of.bos, { beginning: "add" }],
    ] as const) {
      const { values } = await minimalPairs(model, corpus, options);
      expect([values.pairs, values.right, values.skipped]).toEqual([expected.pairs, expected.right, 0]);
      expect(values.margin).toBeCloseTo(expected.margin, 3);
      expect(values.groups).toMatchObject([{ name, right: expected.right }]);
    }
  });

  it("of byte-lstm-lm on agreement items, where the margin is what ablation starts from", async () => {
    await using model = await load("byte-lstm-lm");
    const corpus = await items();
    const { values } = await agreement(model, corpus, { by: "attractors" });
    const expected = reference["byte-lstm-lm"];
    expect([values.pairs, values.right]).toEqual([expected.pairs, expected.right]);
    expect(values.margin).toBeCloseTo(expected.margin, 3);
    expect(values.groups!.map(({ name, pairs }) => [name, pairs])).toEqual([
      ["0", 4],
      ["1", 8],
    ]);
    const layers = await ablateEach(model, corpus, { each: "layer", value: "zero", metric: "logit-diff" });
    expect(layers.baseline).toBeCloseTo(expected.margin, 3);
    expect(layers.tokens).toBe(12);
  });
});
