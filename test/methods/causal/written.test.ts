import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quantileOfSorted } from "../../../src/activations/neuron-values.js";
import { random } from "../../../src/core/random.js";
import { type Corpus, pairedSentence } from "../../../src/corpus/corpus.js";
import { accuracy } from "../../../src/evaluation/accuracy.js";
import { type AblateEachOptions, ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { ablateRanking } from "../../../src/methods/causal/ablate-ranking.js";
import { bleu, bleuCounts, bleuOf } from "../../../src/methods/causal/bleu.js";
import type { WrittenMetricName } from "../../../src/methods/causal/metric.js";
import type { Intervention } from "../../../src/model/interventions.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { devices, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { writeAlone, writingModel } from "./writing-model.js";

/** Positions of the decoder: as many tokens are written at most. */
const positions = 7;
const sources = ["de a", "abc", "cab bed", "no", "lamp"];

/** What a text is judged by, over a corpus. */
const judges: Readonly<Record<WrittenMetricName, (written: readonly string[], right: readonly string[]) => number>> = {
  "exact-match": (written, right) => written.filter((text, i) => text === right[i]).length / written.length,
  bleu: (written, right) => bleu(written, right)!,
};

/** Every other target as the model writes it, the others without some words. */
function spoil(written: readonly string[]): string[] {
  return written.map((text, i) => (i % 2 === 0 ? text : text.split(" ").slice(1, 5).join(" ")) || "a");
}

describe.each(devices)("metrics of what is written, on %s", (_, open) => {
  const opened = open();
  let loaded: Model;
  let model: Model;
  let right: string[];
  let corpus: Corpus;
  beforeAll(async () => {
    loaded = await loadModel(fixturePath("rnn-seq2seq-gru"), { device: await opened });
    model = writingModel(loaded, positions);
    right = spoil(await writeAlone(model, sources, positions));
    const sentences = sources.map((source, i) => pairedSentence(source, right[i]!));
    corpus = { path: "pairs.tsv", fingerprint: "f", sentences };
  });
  afterAll(async () => {
    await loaded[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  const known = new Map<string, Promise<string[]>>();

  /** What is written with an intervention, sentence by sentence, and the metric of it. */
  async function plain(metric: WrittenMetricName, interventions: readonly Intervention[]) {
    const key = JSON.stringify(interventions);
    known.set(key, known.get(key) ?? writeAlone(model, sources, positions, () => interventions));
    const written = await known.get(key)!;
    return { written, metric: judges[metric](written, right) };
  }

  const each = (options: Omit<AblateEachOptions, "metric">, metric: WrittenMetricName) =>
    ablateEach(model, corpus, { each: "neuron", ...options, metric, batchTokens: 40 });

  it.each(["exact-match", "bleu"] as const)("sweep neurons as a plain loop does: %s", async (metric) => {
    const kinds = new Set<number>();
    for (const [site, value] of [
      ["decoder.layers.0.hidden", "zero"],
      ["encoder.layers.0.gate.reset", 3],
    ] as const) {
      const result = await each({ sites: site, value, ...(value === 3 && { each: "layer" }) }, metric);
      const before = await plain(metric, []);
      expect(result.baseline).toBeCloseTo(before.metric, 12);
      expect(result.tokens).toBe(sources.length);
      for (const [column, score] of result.scores.entries()) {
        const set = {
          site,
          ...(value !== 3 && { columns: [column] }),
          operation: "set",
          value: Number(value) || 0,
        } as const;
        const after = await plain(metric, [set]);
        expect(score, `${site}:${column}`).toBeCloseTo(before.metric - after.metric, 12);
        kinds.add(score);
      }
      expect(result.operations.sweep).toBeGreaterThan(0);
    }
    expect(kinds.size).toBeGreaterThan(1);
  });

  it("are the same as those of an evaluation", async () => {
    const { values } = await accuracy(model, corpus);
    const [exact, written] = [
      await each({ value: "zero", sites: "decoder.layers.0.hidden" }, "exact-match"),
      await each({ value: "zero", sites: "decoder.layers.0.hidden" }, "bleu"),
    ];
    expect(values.exact).toBe(exact.baseline);
    expect(values.bleu).toBeCloseTo(written.baseline, 12);
    expect(values.exact).toBeGreaterThan(0.2);
    expect(values.exact).toBeLessThan(0.8);
  });

  it("leave the start alone where only content is ablated, and draw noise by sentence, position and neuron", async () => {
    const site = "decoder.layers.0.hidden";
    const content = await each({ sites: site, value: 2, positions: "content" }, "bleu");
    const all = await each({ sites: site, value: 2 }, "bleu");
    const before = await plain("bleu", []);
    const positions = Array.from({ length: 20 }, (_, i) => i + 1);
    for (const column of [1, 4]) {
      const set = { site, columns: [column], operation: "set", value: 2, positions } as const;
      expect(content.scores[column]).toBeCloseTo(before.metric - (await plain("bleu", [set])).metric, 12);
    }
    expect([...content.scores]).not.toEqual([...all.scores]);
    const noisy = await each({ sites: site, value: "noise", seed: 4 }, "bleu");
    const alone = await ablateEach(model, corpus, {
      sites: site,
      value: "noise",
      seed: 4,
      metric: "bleu",
      batchTokens: 1,
    });
    expect([...alone.scores]).toEqual([...noisy.scores]);
    expect(noisy.scores.some((score) => score !== 0)).toBe(true);
  });

  it("have the intervals of sentences drawn anew, and the curve of a ranking", async () => {
    const ranking = await each({ sites: "decoder.layers.0.hidden", value: "zero" }, "bleu");
    const { values } = await ablateRanking(model, corpus, ranking, {
      value: "zero",
      metric: "bleu",
      counts: [0, 1, 7],
    });
    expect(values.top[0]).toBe(values.baseline);
    const first = ranking.order[0]!;
    expect(values.top[1]).toBeCloseTo(ranking.baseline - ranking.scores[first]!, 12);
    expect(values.random[2]).toBe(values.top[2]);
    expect(values.intervals!.random.low[2]).toBeCloseTo(values.intervals!.top.low[2]!, 12);

    const before = await plain("bleu", []);
    const after = await plain("bleu", [
      { site: "decoder.layers.0.hidden", columns: [first], operation: "set", value: 0 },
    ]);
    const uniform = random(0);
    const damages = Array.from({ length: 1000 }, () => {
      const drawn = sources.map(() => Math.floor(uniform() * sources.length));
      const of = (texts: readonly string[]) => drawn.map((sentence) => texts[sentence]!);
      return bleuOrNothing(of(before.written), of(right)) - bleuOrNothing(of(after.written), of(right));
    }).sort((a, b) => a - b);
    const { low, high } = ranking.intervals!;
    expect(low[first]).toBeCloseTo(quantileOfSorted(Float64Array.from(damages), 0.025), 10);
    expect(high[first]).toBeCloseTo(quantileOfSorted(Float64Array.from(damages), 0.975), 10);
  });
});

/** BLEU of drawn sentences, of which perhaps none has four words. */
function bleuOrNothing(written: readonly string[], right: readonly string[]): number {
  const sums = written.map((text, i) => bleuCounts(text, right[i]!));
  return bleuOf(sums[0]!.map((_, n) => sums.reduce((sum, counts) => sum + counts[n]!, 0)));
}

describe("metrics of what is written", () => {
  const opened = openTestDevice("native");
  afterAll(async () => await (await opened)[Symbol.asyncDispose]());
  const pairs = (...targets: string[]): Corpus => ({
    path: "pairs.tsv",
    fingerprint: "f",
    sentences: targets.map((target) => pairedSentence("abc", target)),
  });

  it("are refused where they do not fit", async () => {
    await using bart = await loadModel(fixturePath("bart"), { device: await opened });
    await using llama = await loadModel(fixturePath("llama"), { device: await opened });
    const options = { each: "layer", value: "zero", metric: "bleu" } as const;
    await expect(ablateEach(llama, pairs("a"), { ...options, metric: "exact-match" })).rejects.toThrow("writes nothing: it is no encoder-decoder, for metric but received"); // biome-ignore format: one line
    await expect(ablateEach(bart, pairs("a b", "abc"), options)).rejects.toThrow(
      "Expected exact-match, as no target of pairs.tsv has the four words that BLEU needs, for metric",
    );
    await expect(ablateEach(bart, pairs("a b c d"), { ...options, pairs: 2 })).rejects.toThrow(
      "Expected nothing for bleu, which is of a corpus and no mean over its sentences, for pairs but received 2",
    );
    await expect(ablateEach(bart, pairs("a b c d"), { ...options, positions: "last" })).rejects.toThrow(
      "Expected all or content for bleu in a decoder, whose last token is not known while it writes, for positions",
    );
  });
});
