import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Corpus } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { ablateRanking } from "../../../src/methods/causal/ablate-ranking.js";
import type { Model } from "../../../src/model/model.js";
import { openTestDevice } from "../../devices.js";
import { bootstrapInterval } from "../../reference/bootstrap.js";
import { toyModel } from "./toy-model.js";

const corpusOf = (...texts: string[]): Corpus => ({
  path: "counting.txt",
  fingerprint: "c".repeat(64),
  sentences: texts.map((text) => ({ text, words: [], labels: {} })),
});

/** Every step from i to i + 1 once, except from 5; the sentence of one token predicts nothing. */
const counting = corpusOf("012345", "3");
const right = Math.log(Math.exp(4) + 5);
const certain = right - 4;

let device: Device;
let model: Model;
beforeAll(async () => {
  device = await openTestDevice("native");
  model = toyModel(device);
});
afterAll(async () => await device[Symbol.asyncDispose]());

function headless(model: Model): Model {
  return { ...model, head: { kind: "none", labels: [] } };
}

describe("ablateEach", () => {
  test("finds the neurons that a counting model counts with, and what each is worth", async () => {
    const result = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    const lost = (Math.log(6) - certain) / 5;
    expect(result.sites.map(({ name }) => name)).toEqual(["layers.0.mlp.hidden", "layers.1.mlp.hidden"]);
    expect(result.baseline).toBeCloseTo(certain, 6);
    expect(result.tokens).toBe(5);
    expect(result.skipped).toBe(1);
    for (const column of [0, 1, 2, 3, 4, 8, 9, 10, 11, 12]) expect(result.scores[column]).toBeCloseTo(lost, 6);
    for (const column of [5, 6, 7, 13, 14, 15]) expect(result.scores[column]).toBeCloseTo(0, 6);
    expect([...result.order.subarray(10)]).toEqual([5, 6, 7, 13, 14, 15]);
  });

  test("gives the same whatever the size of a batch", async () => {
    const small = await ablateEach(model, counting, { value: "zero", metric: "loss", batchTokens: 1 });
    const large = await ablateEach(model, counting, { value: "zero", metric: "loss", batchTokens: 10_000 });
    for (const [column, score] of large.scores.entries()) expect(small.scores[column]).toBeCloseTo(score, 6);
  });

  test("says between which numbers each damage lies by drawing the sentences anew", async () => {
    const several = corpusOf("0123", "12", "2", "34", "012");
    const { scores, intervals } = await ablateEach(model, several, { value: "zero", metric: "loss", seed: 5 });
    const lost = Math.log(6) - certain;
    const predictions = [3, 1, 1, 2];
    // The neuron that knows what follows 1 is missed by the three sentences that have "12".
    const hurt = [1, 1, 0, 1].map((count) => count * lost);
    const [low, high] = bootstrapInterval(hurt, predictions, 5);
    expect(intervals).toMatchObject({ level: 0.95, resamples: 1000, sentences: 4 });
    expect(intervals!.low[1]).toBeCloseTo(low, 5);
    expect(intervals!.high[1]).toBeCloseTo(high, 5);
    expect(intervals!.low[6]).toBeCloseTo(0, 6);
    expect(intervals!.high[6]).toBeCloseTo(0, 6);
    for (const [column, score] of scores.entries()) {
      expect(score).toBeGreaterThanOrEqual(intervals!.low[column]! - 1e-9);
      expect(score).toBeLessThanOrEqual(intervals!.high[column]! + 1e-9);
    }
  });

  test("has no interval of a single sentence", async () => {
    expect(await ablateEach(model, counting, { value: "zero", metric: "loss" })).not.toHaveProperty("intervals");
  });

  test("counts accuracy that is lost, and divergence that is gained, as damage", async () => {
    const accuracy = await ablateEach(model, counting, { value: "zero", metric: "accuracy" });
    const kl = await ablateEach(model, counting, { value: "zero", metric: "kl" });
    expect(accuracy.baseline).toBe(1);
    expect(accuracy.scores[2]).toBeCloseTo(1 / 5, 6);
    expect(accuracy.scores[6]).toBe(0);
    expect(kl.baseline).toBe(0);
    expect(kl.scores[2]).toBeGreaterThan(0.1);
    expect(kl.scores[6]).toBe(0);
  });

  test("measures how far the last residual moves, for models without a head too", async () => {
    const result = await ablateEach(headless(model), counting, { value: "zero", metric: "representation" });
    // Each token's residual is one 1 and two .5: length √1.5. A zeroed 1 moves one token of the seven by 1.
    expect(result.scores[0]).toBeCloseTo(1 / Math.sqrt(1.5) / 7, 5);
    expect(result.scores[6]).toBeCloseTo(0.5 / Math.sqrt(1.5), 5);
    expect(result.baseline).toBe(0);
  });

  test("reads a sentence of one token too where nothing is to be predicted", async () => {
    const options = { value: "zero", metric: "representation" } as const;
    const result = await ablateEach(model, counting, options);
    expect([result.tokens, result.skipped]).toEqual([7, 0]);
    expect(result.scores).toEqual((await ablateEach(headless(model), counting, options)).scores);
  });

  test("a neuron that never changes does no damage when it is set to its mean", async () => {
    const result = await ablateEach(model, counting, { value: "mean", metric: "representation" });
    expect(result.scores[6]).toBeCloseTo(0, 6);
    expect(result.scores[0]).toBeGreaterThan(0.01);
  });

  test("takes layers whole: with one gone the model guesses", async () => {
    const result = await ablateEach(model, counting, { each: "layer", value: "zero", metric: "loss" });
    expect(result.sites.map(({ name }) => name)).toEqual(["layers.0", "layers.1"]);
    expect(result.scores[0]).toBeCloseTo(Math.log(6) - certain, 6);
  });

  test("takes the groups of a grouping", async () => {
    const sites = [{ name: "layers.0.mlp.hidden", width: 8, offset: 0 }];
    const groups = [
      { label: 0, members: [0, 1, 2], representative: 0 },
      { label: 1, members: [3, 4, 5, 6, 7], representative: 3 },
    ];
    const provenance = { version: "", device: "", seed: 0, model: null, corpus: null, activations: null };
    const grouping = {
      kind: "grouping",
      method: "m",
      sites,
      labels: new Int32Array(8),
      groups,
      options: {},
      provenance,
    } as const;
    const result = await ablateEach(model, counting, { each: "group", grouping, value: "zero", metric: "loss" });
    expect(result.sites).toEqual([{ name: "groups", width: 2, offset: 0 }]);
    expect(result.scores[0]).toBeCloseTo((3 / 5) * (Math.log(6) - certain), 6);
  });

  test.each([
    [{ metric: "los" }, 'did you mean "loss"?'],
    [{ metrics: "loss" }, 'did you mean "metric"?'],
    [
      { value: "nought" },
      "Expected one of zero, mean, flip, noise, resample, a percentile from p0 to p100, or a number for value",
    ],
    [{ sites: "layers.*.mlp.hiden" }, "did you mean"],
    [{ each: "head" }, "Expected a site of the model"],
    [{ each: "group" }, 'Expected a grouping for grouping but received "none"'],
  ])("refuses %o in one sentence", async (wrong, message) => {
    const options = { value: "zero", metric: "loss", ...wrong } as never;
    await expect(ablateEach(model, counting, options)).rejects.toThrow(message);
  });

  test("refuses a loss of a model that has no head", async () => {
    await expect(ablateEach(headless(model), counting, { value: "zero", metric: "loss" })).rejects.toThrow(
      'Expected representation, as toy has no head for metric but received "loss"',
    );
  });

  test("refuses a corpus that predicts nothing", async () => {
    await expect(ablateEach(model, corpusOf("3", "4"), { value: "zero", metric: "loss" })).rejects.toThrow(
      "Expected a sentence with a token to predict for corpus but received",
    );
  });
});

describe("ablateRanking", () => {
  test("the top of a true ranking hurts at once, its bottom only at the end", async () => {
    const ranking = await ablateEach(model, counting, { value: "zero", metric: "loss", sites: "layers.0.mlp.hidden" });
    const curve = await ablateRanking(model, counting, ranking, {
      value: "zero",
      metric: "loss",
      counts: [0, 3, 5, 8],
    });
    const { top, bottom, random, draws, baseline } = curve.values;
    const lost = Math.log(6) - certain;
    expect(baseline).toBeCloseTo(certain, 6);
    for (const [i, hurt] of [0, 3, 5, 5].entries()) expect(top[i]).toBeCloseTo(certain + (hurt / 5) * lost, 6);
    for (const [i, hurt] of [0, 0, 2, 5].entries()) expect(bottom[i]).toBeCloseTo(certain + (hurt / 5) * lost, 6);
    expect(draws).toHaveLength(10);
    expect(random[3]).toBeCloseTo(top[3]!, 6);
    expect(random[1]).toBeGreaterThan(baseline);
    expect(random[1]).toBeLessThanOrEqual(top[1]!);
  });

  test("says between which numbers each point of the curve lies", async () => {
    const several = corpusOf("0123", "12", "2", "34", "012");
    const order = { value: "zero", metric: "loss", sites: "layers.0.mlp.hidden" } as const;
    const ranking = await ablateEach(model, several, order);
    const curve = await ablateRanking(model, several, ranking, { value: "zero", metric: "loss", counts: [0, 1, 8] });
    const { intervals, top, random, bottom } = curve.values;
    const guessed = Math.log(6);
    const without = [0, 1, 2, 3].map((_, i) => [3, 1, 1, 2][i]! * certain + [1, 1, 0, 1][i]! * (guessed - certain));
    const [low, high] = bootstrapInterval(without, [3, 1, 1, 2], 0);
    expect(top[1]).toBeCloseTo(certain + (3 / 7) * (guessed - certain), 5); // the neuron of "12"
    expect(intervals!.top.low[1]).toBeCloseTo(low, 5);
    expect(intervals!.top.high[1]).toBeCloseTo(high, 5);
    for (const set of ["top", "random", "bottom"] as const) {
      expect(intervals![set].low[0]).toBeCloseTo(certain, 5);
      expect(intervals![set].high[2]).toBeCloseTo(guessed, 5);
    }
    expect(intervals!.random.low[1]).toBeLessThan(random[1]!);
    expect(intervals!.bottom.high[1]).toBeCloseTo(bottom[1]!, 5);
  });

  test("goes from nothing to everything in tenths unless told otherwise", async () => {
    const ranking = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    const { values } = await ablateRanking(model, counting, ranking, { value: "zero", metric: "loss" });
    expect(values.fractions).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(values.counts).toEqual([0, 2, 3, 5, 6, 8, 10, 11, 13, 14, 16]);
    expect(values.top[10]).toBeCloseTo(values.bottom[10]!, 9);
  });

  test("random sets have as many neurons of each site as the top", async () => {
    const sites = [
      { name: "layers.0.mlp.hidden", width: 8, offset: 0 },
      { name: "layers.1.mlp.hidden", width: 8, offset: 8 },
    ];
    // All neurons of layer 1 first: with eight ablated, every random draw must be layer 1 as well.
    const order = Uint32Array.from({ length: 16 }, (_, i) => (i + 8) % 16);
    const given = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    const curve = await ablateRanking(
      model,
      counting,
      { ...given, sites, order },
      { value: "zero", metric: "loss", counts: [8] },
    );
    for (const draw of curve.values.draws) expect(draw[0]).toBeCloseTo(right - 4 + Math.log(6) - certain, 6);
  });

  test("refuses more neurons than there are", async () => {
    const ranking = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    await expect(
      ablateRanking(model, counting, ranking, { value: "zero", metric: "loss", counts: [17] }),
    ).rejects.toThrow("Expected integers from 0 to 16 for counts but received 17");
  });
});

describe("a metric with a concept", () => {
  // Every digit is a word and a token; 2 and 4 are even.
  const [text] = counting.sentences.map((sentence) => sentence.text);
  const words = Array.from(text!, (form, i) => {
    const parity = i % 2 === 0 ? "even" : "odd";
    return { form, start: i, end: i + 1, annotations: { form, parity }, head: -1 };
  });
  const annotated = { ...counting, sentences: [{ text: text!, words, labels: {} }] };
  const settings = { value: "zero", metric: "loss", concept: "parity=even" } as const;
  let spelled: Model;
  beforeAll(() => {
    const spans = (length: number, shift: number) => Uint32Array.from({ length }, (_, i) => i + shift);
    const encode: Model["tokenizer"]["encode"] = async (texts) =>
      (await model.tokenizer.encode(texts)).map((encoding) => {
        const { length } = encoding.ids;
        return { ...encoding, starts: spans(length, 0), ends: spans(length, 1) };
      });
    spelled = { ...model, tokenizer: { ...model.tokenizer, encode } };
  });

  test("is over the predicted tokens that have it, with the damage to the others beside", async () => {
    const result = await ablateEach(spelled, annotated, settings);
    expect(result.tokens).toBe(2);
    // Neuron 1 predicts 2, which is even; neuron 0 predicts 1, which is odd.
    expect(result.scores[1]).toBeCloseTo((Math.log(6) - certain) / 2, 6);
    expect(result.scores[0]).toBeCloseTo(0, 6);
    expect(result.others!.damage[1]).toBeCloseTo(0, 6);
    expect(result.others!.damage[0]).toBeCloseTo((Math.log(6) - certain) / 3, 6);
    expect(result.options.concept).toBe("parity=even");
  });

  test("has a curve of its own, and one of the others", async () => {
    const ranking = await ablateEach(spelled, annotated, settings);
    const { values } = await ablateRanking(spelled, annotated, ranking, { ...settings, counts: [0, 2, 16] });
    expect(values.top[0]).toBeCloseTo(certain, 6);
    expect(values.top[1]).toBeGreaterThan(values.bottom[1]!);
    expect(values.top[2]).toBeCloseTo(Math.log(6), 6);
    expect(values.others!.top[2]).toBeCloseTo(Math.log(6), 6);
    expect(values.others!.baseline).toBeCloseTo(certain, 6);
  });

  test.each([
    ["parity", "Expected KEY=VALUE or KEY~PATTERN for a metric for concept"],
    ["parity=evn", "did you mean"],
    ["form=0", "Expected a concept that some predicted token has for concept"],
  ])("refuses %s", async (concept, message) => {
    await expect(ablateEach(spelled, annotated, { ...settings, concept })).rejects.toThrow(message);
  });

  test("is refused for a representation, which predicts nothing", async () => {
    const options = { ...settings, metric: "representation" } as const;
    await expect(ablateEach(spelled, annotated, options)).rejects.toThrow("which predicts nothing");
  });
});
