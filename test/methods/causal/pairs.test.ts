import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readItem } from "../../../src/corpus/agreement-items.js";
import { type Corpus, pairedSentence, type Sentence, spacedSentence } from "../../../src/corpus/corpus.js";
import { labelPair } from "../../../src/corpus/pairs.js";
import type { Device } from "../../../src/device/device.js";
import { agreement, minimalPairs } from "../../../src/evaluation/pairs.js";
import type { AblateOptions } from "../../../src/methods/causal/ablate.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices, openTestDevice } from "../../devices.js";
import { type Family, fixturePath } from "../../fixtures/model-fixture.js";
import { groupsOf } from "./groups-of.js";
import { mask, withMask } from "./masked-model.js";
import { toyModel } from "./toy-model.js";

const corpusOf = (sentences: readonly Sentence[]): Corpus => ({ path: "x", fingerprint: "f", sentences });
const pairs = (...texts: readonly (readonly [string, string])[]) =>
  corpusOf(texts.flatMap(([good, bad], i) => labelPair(i, spacedSentence(good), spacedSentence(bad))));
const items = (...fields: readonly Record<string, string>[]) =>
  corpusOf(fields.flatMap((own, i) => labelPair(i, ...readItem("x", i + 1, own, "written"))));

describe("of a model that counts upwards", () => {
  let model: Model;
  const opened = openTestDevice("native");
  beforeAll(async () => {
    model = toyModel(await opened);
  });
  afterAll(async () => (await opened)[Symbol.asyncDispose]());

  const right = 4 - Math.log(Math.exp(4) + 5);
  const wrong = -Math.log(Math.exp(4) + 5);
  const uniform = -Math.log(6);
  const sweep = (corpus: Corpus, more: Partial<AblateOptions> & Pick<AblateOptions, "metric">) =>
    ablateEach(model, corpus, { value: "zero", sites: "layers.1.mlp.hidden", ...more });

  test("minimal pairs are scored whole, whatever their lengths", async () => {
    const corpus = pairs(["1234", "1243"], ["123", "2"], ["234", "23"], ["12", "45"]);
    const { values } = await minimalPairs(model, corpus);
    // the second has a sentence of one token; the third sums one more ln p on its good side; the last is even
    expect(values).toMatchObject({ pairs: 3, right: 1, skipped: 1 });
    const margin = [2 * right - 2 * wrong, right, 0];
    expect(values.margin).toBeCloseTo(margin.reduce((sum, value) => sum + value) / 3, 6);
    expect(values.accuracy).toBeCloseTo(1 / 3, 12);
  });

  test("the share falls by the pairs that need a neuron, and a flat model is right about none", async () => {
    const corpus = pairs(["123", "132"], ["345", "354"]);
    const result = await sweep(corpus, { metric: "minimal-pairs" });
    expect([result.baseline, result.tokens]).toEqual([1, 2]);
    // without neuron 1 (2 behind 1): 123 has uniform + right, 132 has uniform + wrong
    expect(result.scores[1]).toBe(0);
    const margins = await sweep(items({ sentence: "1___", correct: "2", wrong: "3" }, { sentence: "34___", correct: "5", wrong: "4" }), { metric: "agreement" }); // biome-ignore format: one line
    expect([...margins.scores]).toEqual([0, 0.5, 0, 0, 0.5, 0, 0, 0]);
  });

  test("logit differences are those of the forms, or of two tokens at a position", async () => {
    const difference = await sweep(items({ sentence: "1___", correct: "2", wrong: "34" }), { metric: "logit-diff" });
    expect(difference.baseline).toBeCloseTo(right - (wrong + right), 6);
    const tokens = await sweep(corpusOf([spacedSentence("123"), spacedSentence("4")]), {
      metric: "logit-diff",
      tokens: ["2", "0"],
      position: 0,
    });
    expect(tokens.baseline).toBeCloseTo((4 - 0) / 2, 6);
    expect(tokens.scores[1]).toBeCloseTo(2, 6);
    const last = await sweep(corpusOf([spacedSentence("123")]), { metric: "logit-diff", tokens: ["4", "2"] });
    expect(last.baseline).toBeCloseTo(4, 6);
    const behind = { metric: "logit-diff", tokens: ["4", "2"], position: 1 } as const;
    expect((await sweep(corpusOf([spacedSentence("123"), spacedSentence("1")]), behind)).skipped).toBe(1);
    expect(uniform).toBeLessThan(right);
  });

  test("the last position is the last one before the form", async () => {
    const corpus = items({ sentence: "1___5", correct: "2", wrong: "3" });
    const { scores } = await sweep(corpus, { metric: "logit-diff", positions: "last" });
    expect(scores[1]).toBeCloseTo(4, 6);
  });

  test("a concept is that of the good sentence, the others beside", async () => {
    const labelled = (corpus: Corpus, depths: readonly string[]) =>
      corpusOf(corpus.sentences.map((s, i) => ({ ...s, labels: { ...s.labels, depth: depths[i >> 1]! } })));
    const corpus = labelled(items({ sentence: "1___", correct: "2", wrong: "3" }, { sentence: "1___", correct: "3", wrong: "2" }), ["0", "1"]); // biome-ignore format: one line
    const result = await sweep(corpus, { metric: "agreement", concept: "depth=1" });
    expect([result.baseline, result.others!.baseline, result.tokens]).toEqual([0, 1, 1]);
  });

  test("pairs are counted apart by the values of a label", async () => {
    const corpus = pairs(["12", "13"], ["13", "12"], ["23", "24"]);
    const named = corpusOf(corpus.sentences.map((s, i) => ({ ...s, labels: { ...s.labels, UID: i < 4 ? "a" : "b" } })));
    const { values } = await minimalPairs(model, named);
    expect(values.groups!.map(({ name, right, pairs }) => [name, right, pairs])).toEqual([
      ["a", 1, 2],
      ["b", 1, 1],
    ]);
    expect((await minimalPairs(model, corpus)).values.groups).toBeUndefined();
    await expect(minimalPairs(model, corpus, { by: "depth" })).rejects.toThrow("Expected a label of every pair of x");
  });

  test.each<[string, Corpus, Partial<AblateOptions> & Pick<AblateOptions, "metric">, string]>([
    ["sentences that are no pairs", corpusOf([spacedSentence("12")]), { metric: "minimal-pairs" }, "Expected minimal pairs"],
    ["pairs without forms", pairs(["12", "13"]), { metric: "agreement" }, "Expected agreement items"],
    ["pairs of single tokens", pairs(["1", "2"]), { metric: "minimal-pairs" }, "Expected a pair that predicts something"],
    ["tokens of another metric", pairs(["12", "13"]), { metric: "loss", tokens: ["1", "2"] }, "Expected nothing without logit-diff for tokens"],
    ["a position without tokens", pairs(["12", "13"]), { metric: "logit-diff", position: 1 }, "Expected nothing without tokens for position"],
    ["a position that no text has", pairs(["12", "13"]), { metric: "logit-diff", tokens: ["1", "2"], position: 7 }, "Expected a token that some text of x has for position but received 7"],
    ["a position that is none", pairs(["12", "13"]), { metric: "logit-diff", tokens: ["1", "2"], position: -1 }, "Expected last, or the number of a token from 0 for position"],
    ["a mask for a model that has none", pairs(["12", "13"]), { metric: "loss", mask: "each" }, "Expected none for toy, which is no masked language model for mask"],
    ["a beginning that the config does not name", pairs(["12", "13"]), { metric: "loss", beginning: "add" }, "Expected none, as the config of toy has no bos_token_id for beginning"],
  ])("refuses %s", async (_, corpus, options, message) => {
    await expect(sweep(corpus, options)).rejects.toThrow(message);
  }); // biome-ignore format: one line
});

/** ln p of `id` at row `row` of one sequence. */
async function logProbability(
  model: Model,
  { ids, source, row, id }: { ids: readonly number[]; source?: Uint32Array; row: number; id: number },
  interventions: readonly Intervention[],
): Promise<number> {
  const capture = { sites: selectSites(model.sites, model.encoder ? "decoder.logits" : "logits") };
  const sources = source ? { sources: [source] } : {};
  using forward = model.forward({ sequences: [Uint32Array.from(ids)], ...sources, interventions, capture });
  const { columns } = forward.captured!;
  const logits = (await forward.captured!.values()).subarray(row * columns, (row + 1) * columns);
  return logits[id]! - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
}

/** Σ ln p of the characters first … of a text, one pass for each. */
async function scoreOf(model: Model, { text, target }: Sentence, first: number, last: number, edits: Intervention[]) {
  const [encoding] = await model.targetTokenizer.encode([target?.text ?? text]);
  const ids = [...encoding!.ids];
  let sum = 0;
  for (let t = first; t < last; t++) {
    const id = ids[t]!;
    if (model.head.kind === "masked") {
      const masked = ids.map((own, position) => (position === t ? mask : own)); // biome-ignore format: one line
      sum += await logProbability(model, { ids: masked, row: t, id }, edits);
    } else if (model.encoder) {
      const [source] = await model.tokenizer.encode([text]);
      const read = [model.encoder.start, ...ids.slice(0, -1)];
      sum += await logProbability(model, { ids: read, source: source!.ids, row: t, id }, edits);
    } else sum += await logProbability(model, { ids: ids.slice(0, t), row: t - 1, id }, edits);
  }
  return sum;
}

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  afterAll(async () => await (await opened)[Symbol.asyncDispose]());

  test.each<[Family | "bart", string]>([
    ["gpt2", "layers.0.mlp.hidden"],
    ["lstm", "layers.0.hidden"],
    ["bert", "layers.0.mlp.hidden"],
    ["bart", "decoder.layers.0.mlp.hidden"],
  ])("the metrics of pairs of %s are those of one pass per token and sentence", async (family, site) => {
    await using loaded = await loadModel(fixturePath(family), { device: await opened });
    const model = withMask(loaded);
    const written = [
      ["ab", "ac"],
      ["de", "d"],
    ] as const;
    const beside = (text: string) => (model.encoder ? pairedSentence("abc", text) : spacedSentence(text));
    const whole = corpusOf(written.flatMap(([good, bad], i) => labelPair(i, beside(good), beside(bad))));
    const asked = model.head.kind === "causal" && !model.encoder ? 1 : 0;
    const scored = written.filter(([, bad]) => bad.length > asked);
    const columns = [5]; // a software GPU takes a second for a hundred tokens
    const grouping = groupsOf(model, site, columns);
    const options = { each: "group", grouping, value: "flip", batchTokens: 40 } as const;
    const result = await ablateEach(model, whole, { ...options, metric: "minimal-pairs" });
    const margins = async (edits: Intervention[]) =>
      await Promise.all(
        scored.map(
          async ([good, bad]) =>
            (await scoreOf(model, beside(good), asked, good.length, edits)) -
            (await scoreOf(model, beside(bad), asked, bad.length, edits)),
        ),
      );
    const share = (values: readonly number[]) => values.filter((value) => value > 0).length / values.length;
    expect(result.skipped).toBe(written.length - scored.length);
    expect(result.baseline).toBeCloseTo(share(await margins([])), 12);
    for (const [group, column] of columns.entries()) {
      const after = share(await margins([{ site, columns: [column], operation: "scale", value: -1 }]));
      expect(result.baseline - result.scores[group]!).toBeCloseTo(after, 12);
    }
    if (model.encoder) return;

    const forms = items({ sentence: "a___c", correct: "b", wrong: "ed" });
    const difference = await ablateEach(model, forms, { ...options, metric: "logit-diff" });
    const meanMargin = async (edits: Intervention[]) => {
      const ends = forms.sentences.map(async (sentence) => {
        return await scoreOf(model, sentence, sentence.critical!.start, sentence.critical!.end, edits);
      });
      const [correct, wrong] = await Promise.all(ends);
      return correct! - wrong!;
    };
    expect(difference.baseline).toBeCloseTo(await meanMargin([]), 4);
    for (const [group, column] of columns.entries()) {
      const after = await meanMargin([{ site, columns: [column], operation: "scale", value: -1 }]);
      expect(difference.baseline - difference.scores[group]!).toBeCloseTo(after, 4);
    }
    const { values } = await agreement(model, forms);
    expect(values.margin).toBeCloseTo(difference.baseline, 5);
  });

  test("a classifier's classes are compared too", async () => {
    await using model = await loadModel(fixturePath("bert-sequences"), { device: await opened });
    const corpus = corpusOf([spacedSentence("ab cd"), spacedSentence("e")]);
    const site = "layers.0.mlp.hidden";
    const compare = (tokens?: readonly [string, string], more: object = {}) =>
      ablateEach(model, corpus, {
        value: "zero",
        metric: "logit-diff",
        sites: site,
        ...(tokens && { tokens }),
        ...more,
      });
    const { baseline } = await compare(["a", "c"]);
    const encodings = await model.tokenizer.encode(corpus.sentences.map(({ text }) => text));
    let sum = 0;
    for (const { ids } of encodings) {
      using forward = model.forward({ sequences: [ids], capture: { sites: selectSites(model.sites, "logits") } });
      const values = await forward.captured!.values();
      sum += values[0]! - values[2]!;
    }
    expect(baseline).toBeCloseTo(sum / 2, 5);
    await expect(compare()).rejects.toThrow("Expected two classes of bert-sequences: a, b, c, d, e for tokens");
    await expect(compare(["a", "z"])).rejects.toThrow('Expected classes of bert-sequences: a, b, c, d, e for tokens but received "z"'); // biome-ignore format: one line
    await expect(compare(["a", "c"], { position: 1 })).rejects.toThrow("which classifies whole texts");
    await expect(ablateEach(model, corpus, { value: "zero", metric: "agreement" })).rejects.toThrow("is a classifier");
  });
});
