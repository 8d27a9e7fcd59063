import type { Ablation } from "../../../src/methods/causal/measure.js";
import {
  isOfPairs,
  isWritten,
  type MetricName,
  metricNames,
  type WrittenMetricName,
} from "../../../src/methods/causal/metric.js";
import type { Passage } from "../../../src/methods/causal/passages.js";
import { type Model, NO_TARGET } from "../../../src/model/model.js";
import { decoders, encoders, type Family, readExpected, recurrent } from "../../fixtures/model-fixture.js";
import { encoderDecoders, readExpectedStacks } from "../../fixtures/seq2seq-fixture.js";

/** Families that have a fixture. */
export const families = [...encoders, ...decoders, ...recurrent, ...encoderDecoders] as const;

/** Whether it has a head whose classes exclude each other. */
export function predicts({ head }: Model): boolean {
  return head.kind !== "none" && !head.kind.endsWith("scores");
}

/** The metrics that a model has of what it predicts, or of what it makes of its tokens: all but those of what it writes. */
export function metricsOf(model: Model): Exclude<MetricName, WrittenMetricName>[] {
  return metricNames.filter((metric) => !isWritten(metric) && (metric === "representation" || predicts(model))) as Exclude<MetricName, WrittenMetricName>[]; // biome-ignore format: one line
}

/** The fixture's sequences, which predict most of their tokens, or one each; of pairs each side predicts other ids. */
export async function passagesOf(model: Model, family: (typeof families)[number], metric: MetricName = "loss") {
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

/** A metric by one whole pass per sentence. */
export async function plain(
  model: Model,
  passages: readonly Passage[],
  ablation: Ablation,
  metric: Exclude<MetricName, WrittenMetricName>,
) {
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
  metric: Exclude<MetricName, "erasure" | "erasure-li" | WrittenMetricName>,
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
