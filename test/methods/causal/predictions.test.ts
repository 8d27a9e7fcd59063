import { afterAll, describe, expect, test } from "vitest";
import { type Corpus, pairedSentence, spacedSentence } from "../../../src/corpus/corpus.js";
import { loss } from "../../../src/evaluation/loss.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { loadModel } from "../../../src/model/load.js";
import { openTestDevice } from "../../devices.js";
import { type Family, fixturePath } from "../../fixtures/model-fixture.js";
import { withMask } from "./masked-model.js";

const opened = openTestDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());

const texts = ["ab cd", "de a", "h"];
const corpus: Corpus = { path: "x", fingerprint: "f", sentences: texts.map((text) => spacedSentence(text)) };
const value = "zero";

describe("the loss before ablation is that of evaluate", () => {
  test.each([undefined, "each", 0.4, 1] as const)("of a masked model, %s of the tokens masked", async (mask) => {
    await using loaded = await loadModel(fixturePath("bert"), { device: await opened });
    const model = withMask(loaded);
    const asked = { seed: 3, ...(mask !== undefined && { mask }) };
    const { values } = await loss(model, corpus, asked);
    const result = await ablateEach(model, corpus, { each: "layer", value, metric: "loss", ...asked });
    expect(result.baseline).toBeCloseTo(values.loss, 5);
    expect(result.tokens).toBe(values.predictions);
    if (mask === "each") expect(result.tokens).toBe(texts.join("").length);
    expect(result.options.mask).toBe(mask);
  });

  test.each<[Family, "add" | undefined]>([
    ["gpt2", undefined],
    ["gpt2", "add"],
    ["llama", "add"],
  ])("of %s, beginning: %s", async (family, beginning) => {
    await using model = await loadModel(fixturePath(family), { device: await opened });
    const asked = beginning ? { beginning } : {};
    const { values } = await loss(model, corpus, asked);
    const result = await ablateEach(model, corpus, { each: "layer", value, metric: "loss", ...asked });
    expect(result.baseline).toBeCloseTo(values.loss, 5);
    expect(result.tokens).toBe(values.predictions);
    expect(result.skipped).toBe(beginning ? 0 : 1);
    expect(values.predictions).toBe(texts.join("").length - (beginning ? 0 : texts.length));
  });

  test.each(["bart", "t5", "t5-gated", "rnn-seq2seq", "rnn-seq2seq-gru"])(
    "of the encoder-decoder %s",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      const sentences = [pairedSentence("de a", "cab a"), pairedSentence("abc", "e"), pairedSentence("b", "ab")];
      const translated: Corpus = { path: "x", fingerprint: "f", sentences };
      const { values } = await loss(model, translated);
      const result = await ablateEach(model, translated, { each: "layer", value, metric: "loss" });
      expect(result.baseline).toBeCloseTo(values.loss, 5);
      expect(result.tokens).toBe(values.predictions);
    },
  );
});

test("a concept is that of every token in turn", async () => {
  await using loaded = await loadModel(fixturePath("bert"), { device: await opened });
  const model = withMask(loaded);
  const options = { each: "layer", value, metric: "loss", mask: "each" } as const;
  const apart = await ablateEach(model, corpus, { ...options, concept: "form=cd" });
  const whole = await ablateEach(model, corpus, options);
  expect(apart.tokens).toBe(2);
  const together = (2 * apart.baseline + (whole.tokens - 2) * apart.others!.baseline) / whole.tokens;
  expect(together).toBeCloseTo(whole.baseline, 5);
});

test("refuses a share that is none, and a mask or a beginning for a model that takes none", async () => {
  await using bert = await loadModel(fixturePath("bert"), { device: await opened });
  await using gpt2 = await loadModel(fixturePath("gpt2"), { device: await opened });
  const options = { value, metric: "loss" } as const;
  await expect(ablateEach(withMask(bert), corpus, { ...options, mask: 0 })).rejects.toThrow(
    "Expected a share above 0, at most 1, or each for mask but received 0",
  );
  await expect(ablateEach(gpt2, corpus, { ...options, mask: "each" })).rejects.toThrow(
    "which is no masked language model",
  );
  await expect(ablateEach(withMask(bert), corpus, { ...options, beginning: "add" })).rejects.toThrow(
    "Expected none for bert, which is no causal language model for beginning",
  );
});
