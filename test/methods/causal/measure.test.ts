import { afterAll, describe, expect, test } from "vitest";
import { random } from "../../../src/core/random.js";
import { spacedSentence } from "../../../src/corpus/corpus.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { type Ablation, measureAblations } from "../../../src/methods/causal/measure.js";
import { isOfPairs, type MetricName, mean, metricNames } from "../../../src/methods/causal/metric.js";
import type { Passage } from "../../../src/methods/causal/passages.js";
import { planEach } from "../../../src/methods/causal/plan-each.js";
import { loadModel } from "../../../src/model/load.js";
import { type Model, NO_TARGET } from "../../../src/model/model.js";
import { openTestDevice } from "../../devices.js";
import { decoders, encoders, type Family, fixturePath, readExpected, recurrent } from "../../fixtures/model-fixture.js";
import { encoderDecoders, readExpectedStacks } from "../../fixtures/seq2seq-fixture.js";

const opened = openTestDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());

/** Whether it has a head whose classes exclude each other. */
function predicts({ head }: Model): boolean {
  return head.kind !== "none" && !head.kind.endsWith("scores");
}

/** The fixture's sequences, which predict most of their tokens, or one each; of pairs each side predicts other ids. */
async function passagesOf(model: Model, family: (typeof families)[number], metric: MetricName = "loss") {
  const passages = await sequencesOf(model, family);
  if (!isOfPairs(metric)) return passages;
  const classes = model.head.labels.length || model.vocabulary;
  const others = (targets: Uint32Array) => targets.map((id) => (id === NO_TARGET ? id : (id + 1) % classes));
  return passages.flatMap(({ sentence, targets, ...rest }): Passage[] => [
    { ...rest, sentence: sentence - (sentence % 2), targets, side: 1 },
    { ...rest, sentence: sentence - (sentence % 2), targets: others(targets), side: -1 },
  ]);
}

async function sequencesOf(model: Model, family: (typeof families)[number]): Promise<Passage[]> {
  const { sequences, sources } = await readTexts(family);
  const classes = model.head.labels.length || model.vocabulary;
  const ofSequences = model.head.kind === "sequence-classification";
  return sequences.map((ids, sentence) => {
    const targets = ofSequences
      ? Uint32Array.of(ids[0]! % classes)
      : ids.map((id, t) =>
          ((t + sentence) % 4 === 0 || ids.length === 1) && predicts(model) ? id % classes : NO_TARGET,
        );
    const source = sources && { ids: sources[sentence]!, special: new Uint8Array(sources[sentence]!.length) };
    const words = new Int32Array(ids.length);
    return { sentence, ids, targets, special: new Uint8Array(ids.length), words, ...(source && { source }) };
  });
}

async function readTexts(family: (typeof families)[number]) {
  const two = encoderDecoders.find((name) => name === family);
  if (two) return readExpectedStacks(two);
  return { sequences: (await readExpected(family as Family)).sequences, sources: null };
}

/** One neuron, a few, or two sites at a time: of every kind of site, by every operation that needs no rows. */
function ablationsOf({ sites }: Model, seed: number): Ablation[] {
  const uniform = random(seed);
  const pick = (count: number) => Math.floor(count * uniform());
  const part = () => {
    const { name, width } = sites[pick(sites.length)]!;
    const columns = width === null ? [0] : [...new Set(Array.from({ length: 1 + pick(3) }, () => pick(width)))];
    return { site: name, columns, ...([{ operation: "set", value: 0 }, { operation: "scale", value: -1 }, { operation: "add", value: 0.5 }] as const)[pick(3)]! }; // biome-ignore format: one line
  };
  return Array.from({ length: 12 }, () => ({ parts: Array.from({ length: 1 + pick(2) }, part) }));
}

/** A metric by one whole pass per sentence. */
async function plain(model: Model, passages: readonly Passage[], ablation: Ablation, metric: MetricName) {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (metric !== "erasure" && metric !== "erasure-li") return mean(await plainRows(model, passages, ablation, metric));
  const before = await plainRows(model, passages, { parts: [] }, "loss");
  const after = await plainRows(model, passages, ablation, "loss");
  if (metric === "erasure") return mean(after) / mean(before) - 1;
  return mean(before.map((loss, row) => (loss - after[row]!) / loss));
}

async function plainRows(
  model: Model,
  passages: readonly Passage[],
  { parts }: Ablation,
  metric: Exclude<MetricName, "erasure" | "erasure-li">,
) {
  const values: number[] = [];
  const margins = new Map<number, number>();
  for (const { ids, targets, sentence, side, source } of passages) {
    const compares = metric === "kl" || metric === "representation";
    const copies = compares ? [0, 1] : [0];
    using forward = model.forward({
      sequences: copies.map(() => ids),
      ...(source && { sources: copies.map(() => source.ids) }),
      identities: Uint32Array.from(copies, () => sentence),
      interventions: parts.map((part) => ({ ...part, sequence: copies.at(-1)! })),
      ...(metric !== "representation" && { targets: Uint32Array.from(copies.flatMap(() => [...targets])) }),
      ...(compares && { compareWith: Uint32Array.of(0, 0) }),
    });
    const all = {
      loss: () => forward.losses(),
      accuracy: () => forward.predictions(),
      "gold-probability": () => forward.probabilities(),
      kl: () => forward.divergences(),
      representation: () => forward.distances(),
      "minimal-pairs": () => forward.losses(),
      agreement: () => forward.losses(),
      "logit-diff": () => forward.losses(),
    };
    const found = await all[metric]();
    const own = [...found.subarray(found.length - found.length / copies.length)];
    const asked = own.map((value, t) => (metric === "accuracy" ? Number(value === targets[t]) : value));
    const read = metric === "representation" ? asked : asked.filter((_, t) => targets[t] !== NO_TARGET);
    if (side)
      margins.set(sentence, read.reduce((sum, loss) => sum - side * loss, margins.get(sentence) ?? 0)); // biome-ignore format: one line
    else values.push(...read);
  }
  for (const margin of margins.values()) values.push(metric === "logit-diff" ? margin : Number(margin > 0));
  return values;
}

const families = [...encoders, ...decoders, ...recurrent, ...encoderDecoders] as const;

describe("a sweep", () => {
  test.each(families)("of %s is that of one whole pass per ablation and sentence, for every metric", async (family) => {
    await using model = await loadModel(fixturePath(family), { device: await opened });
    const fitting = metricNames.filter((metric) => metric === "representation" || predicts(model));
    for (const [seed, metric] of fitting.entries()) {
      const passages = await passagesOf(model, family, metric);
      const ablations = ablationsOf(model, seed);
      const options = { metric, positions: "all", batchTokens: 200 } as const;
      const { baseline, ablated } = await measureAblations(model, passages, ablations, options);
      const before = await plain(model, passages, { parts: [] }, metric);
      expect(Math.abs(mean(baseline) - before), metric).toBeLessThan(1e-5 * Math.max(1, Math.abs(before)));
      for (const [i, ablation] of ablations.entries()) {
        const after = await plain(model, passages, ablation, metric);
        const what = `${metric} of ${JSON.stringify(ablation)}`;
        expect(Math.abs(mean(ablated[i]!) - after), what).toBeLessThan(1e-5 * Math.max(1, Math.abs(after)));
      }
    }
  });

  test("costs what comes after the changed neurons' own weights, and of the texts themselves one pass a batch", async () => {
    await using model = await loadModel(fixturePath("gpt2"), { device: await opened });
    const passages = await passagesOf(model, "gpt2");
    const read = passages.flatMap(({ targets }) => [...targets]).filter((target) => target !== NO_TARGET).length;
    const tokens = passages.reduce((sum, { ids }) => sum + ids.length, 0);
    const widths = new Map(model.sites.map(({ name, width }) => [name, width!]));
    const [width, hidden] = [widths.get("embed")!, widths.get("layers.0.mlp.hidden")!];
    const [attention, mlp] = [8 * width * width, 4 * width * hidden];
    const head = 2 * width * model.vocabulary * read;
    const whole = tokens * model.layers * (attention + mlp) + head;
    const neurons = Array.from({ length: 20 }, (_, column): Ablation => {
      return {
        parts: [{ site: `layers.${model.layers - 1}.mlp.hidden`, columns: [column], operation: "set", value: 0 }],
      };
    });
    const options = { metric: "loss", positions: "all", batchTokens: 32 * tokens } as const;
    const { operations } = await measureAblations(model, passages, neurons, options);
    const [shared, own] = [tokens * model.layers * (attention + mlp), 2 * width * read + head];
    expect(operations).toEqual({ wholePasses: 20 * pruned(whole), sweep: shared + 20 * own });

    /** A pass that reads few tokens has the last layer's output projection and MLP of these only. */
    function pruned(all: number): number {
      return read > 0.75 * tokens ? all : all - (tokens - read) * (2 * width * width + mlp);
    }
  });

  test("is planned as it then is computed, site by site", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const sentences = ["abca", "h2", "z9z"].map((text) => spacedSentence(text));
    const corpus = { path: "x", fingerprint: "f", sentences };
    const options = { each: "head", value: "zero", metric: "loss" } as const;
    const [plan, { operations, scores }] = [await planEach(model, corpus, options), await ablateEach(model, corpus, options)]; // biome-ignore format: one line
    expect(plan.sites.map(({ site, units }) => [site, units])).toEqual([
      ["layers.0.attention.heads", 4],
      ["layers.1.attention.heads", 4],
    ]);
    expect(plan.sites[0]!.wholePass * plan.tokens * scores.length).toBeCloseTo(operations.wholePasses, 0);
    expect(plan.sites[1]!.operations).toBeLessThan(plan.sites[0]!.operations);
    expect(plan.sites[0]!.operations).toBeLessThan(plan.sites[0]!.wholePass);
  });
});
