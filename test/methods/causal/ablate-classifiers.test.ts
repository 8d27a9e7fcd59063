import { afterAll, describe, expect, test } from "vitest";
import { type Corpus, sentenceOf } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import type { MetricName } from "../../../src/methods/causal/metric.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices } from "../../devices.js";
import { type Family, fixturePath } from "../../fixtures/model-fixture.js";

const given = [
  ["ab cd", "a"],
  ["xyz", "1"],
  ["q r st", "e"],
  ["hij", "b"],
] as const;

/** Sentences with a label; their words have the annotation `mark`, a class of the fixtures too, but for words of `q`. */
const corpus: Corpus = {
  path: "x",
  fingerprint: "f",
  sentences: given.map(([text, label]) => {
    const words = [...text.matchAll(/\S+/g)].map(({ 0: form, index }, i) => {
      const annotations = { form, ...(form !== "q" && { mark: "abcde"[(text.length + i) % 5]! }) };
      return { form, start: index, end: index + form.length, annotations };
    });
    return sentenceOf(text, words, { label });
  }),
};
const site = "layers.0.mlp.hidden";
const labels = "abcde";

/** −ln p of every class, for each target, and which class is right. */
async function answers(model: Model, family: Family, interventions: readonly Intervention[]) {
  const rows: { losses: number[]; gold: number }[] = [];
  const encodings = await model.tokenizer.encode(corpus.sentences.map(({ text }) => text));
  for (const [s, { ids, starts }] of encodings.entries()) {
    const { words, labels: own } = corpus.sentences[s]!;
    const capture = { sites: selectSites(model.sites, "logits") };
    using forward = model.forward({ sequences: [ids], interventions, capture });
    const values = await forward.captured!.values();
    const read = (token: number, value: string) => {
      const logits = [...values.subarray(token * 5, token * 5 + 5)];
      const sum = Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0));
      const named = labels.indexOf(value);
      rows.push({ losses: logits.map((logit) => sum - logit), gold: named < 0 ? Number(value) : named });
    };
    if (family.endsWith("sequences")) read(0, own.label!);
    else
      for (const { start, annotations } of words) if (annotations.mark) read(starts.indexOf(start), annotations.mark);
  }
  return rows;
}

function measure(metric: MetricName, rows: Awaited<ReturnType<typeof answers>>): number {
  const values = rows.map(({ losses, gold }) => {
    if (metric === "loss") return losses[gold]!;
    if (metric === "gold-probability") return Math.exp(-losses[gold]!);
    return Number(losses.indexOf(Math.min(...losses)) === gold);
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe.each(devices)("ablation of classifiers on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => await (await opened)[Symbol.asyncDispose]());

  describe.each<[Family, string | undefined]>([
    ["bert-sequences", undefined],
    ["bert-tokens", "mark"],
  ])("of %s", (family, label) => {
    const loaded: Promise<Model> = opened.then((device) => loadModel(fixturePath(family), { device }));
    afterAll(async () => await (await loaded)[Symbol.asyncDispose]());
    const options = (metric: MetricName) => ({ value: "zero", metric, sites: site, ...(label && { label }) }) as const;

    test("gives what a plain loop gives, for loss, accuracy and gold probability", async () => {
      const model = await loaded;
      for (const metric of ["loss", "accuracy", "gold-probability"] as const) {
        const result = await ablateEach(model, corpus, options(metric));
        const before = await answers(model, family, []);
        expect(result.baseline).toBeCloseTo(measure(metric, before), 5);
        expect(result.tokens).toBe(before.length);
        for (const column of [0, 5, 11]) {
          const after = await answers(model, family, [{ site, columns: [column], operation: "set", value: 0 }]);
          const change = measure(metric, after) - measure(metric, before);
          expect(result.scores[column], metric).toBeCloseTo(metric === "loss" ? change : -change, 4);
        }
      }
    });

    test("compares classes with those of the untouched model", async () => {
      const result = await ablateEach(await loaded, corpus, options("kl"));
      expect(result.baseline).toBe(0);
      expect(result.scores.every((score) => score > -1e-6)).toBe(true);
      expect(Math.max(...result.scores)).toBeGreaterThan(1e-4);
    });

    test("needs no label where nothing is predicted", async () => {
      const result = await ablateEach(await loaded, corpus, { value: "zero", metric: "representation", sites: site });
      expect(Math.max(...result.scores)).toBeGreaterThan(1e-4);
    });
  });

  test("measures the sentences of a concept, and the others beside", async () => {
    await using model = await loadModel(fixturePath("bert-sequences"), { device: await opened });
    const options = { value: "zero", metric: "gold-probability", concept: "form=xyz", sites: site } as const;
    const result = await ablateEach(model, corpus, options);
    const [rows, only] = [await answers(model, "bert-sequences", []), 1];
    expect(result.baseline).toBeCloseTo(measure("gold-probability", [rows[only]!]), 5);
    const others = rows.filter((_, row) => row !== only);
    expect(result.others!.baseline).toBeCloseTo(measure("gold-probability", others), 5);
  });

  test.each(["rnn-tagger", "rnn-tagger-gru"] as const)(
    "takes both directions of %s where no sites are named",
    async (family) => {
      await using model = await loadModel(fixturePath(family), { device: await opened });
      const options = { each: "layer", value: "zero", metric: "representation" } as const;
      const { sites, scores } = await ablateEach(model, corpus, options);
      expect(sites.map(({ name }) => name)).toEqual(["layers.0", "layers.1"]);
      expect(scores[1]).toBeCloseTo(1, 6); // nothing is left of the last hidden state
      expect(scores[0]).toBeGreaterThan(0.01);
      const each = await ablateEach(model, corpus, { value: "zero", metric: "representation" });
      expect(each.sites.map(({ name }) => name).slice(0, 2)).toEqual([
        "layers.0.forward.hidden",
        "layers.0.backward.hidden",
      ]);
    },
  );

  test("refuses labels that are not there, that name no class, or that a model does not take", async () => {
    await using sentences = await loadModel(fixturePath("bert-sequences"), { device: await opened });
    await using tokens = await loadModel(fixturePath("bert-tokens"), { device: await opened });
    await using language = await loadModel(fixturePath("bert"), { device: await opened });
    const ablate = (model: Model, label?: string) =>
      ablateEach(model, corpus, { value: "zero", metric: "accuracy", sites: site, ...(label && { label }) });
    await expect(ablate(sentences, "tone")).rejects.toThrow(
      'Expected a label of the corpus\' sentences (sentence 0 has label) for label but received "tone"',
    );
    await expect(ablate(tokens)).rejects.toThrow("Expected the annotation of words that is right, such as upos");
    await expect(ablate(tokens, "form")).rejects.toThrow(
      'Expected a class of bert-tokens: a, b, c, d, e, or 0 to 4 for label but received "ab"',
    );
    await expect(ablate(language, "label")).rejects.toThrow("Expected none for bert, which is no classifier for label");
  });
});
