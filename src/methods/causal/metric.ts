import { ArgumentError } from "../../core/errors.js";
import { checkKnown } from "../../core/suggest.js";
import type { Model } from "../../model/model.js";
import { bleuNumbers } from "./bleu.js";

/**
 * What an ablation is measured by (METHODS.md §4): `loss`, mean −ln p in nats; `accuracy` of the
 * arg max; `gold-probability`, mean p of the right token or class; `kl`, mean KL(before ‖ after) in nats;
 * `representation`, mean ‖after − before‖/‖before‖ of the last residual. Of pairs: `minimal-pairs`, the share of pairs whose
 * good sentence has the larger summed ln p; `agreement`, the share of items whose correct form has the larger ln p;
 * `logit-diff`, the mean of ln p of the correct form, or the first of two tokens, minus that of the other: where both are a
 * single token, the difference of their logits. Of Li et al. 2016: `erasure`, Σ(S′ − S)/ΣS with S = −ln p of what is right
 * and S′ the same after; `erasure-li`, the authors' mean of (S − S′)/S, which falls as ablation does harm (S is at least
 * 2^−24, the least that float32 tells from 0). Of what an encoder-decoder writes, with the likeliest token at every step:
 * `exact-match`, the share of targets that are written as they are, and `bleu`, see `bleuOf`.
 */
export type MetricName =
  | "loss"
  | "accuracy"
  | "gold-probability"
  | "kl"
  | "representation"
  | "erasure"
  | "erasure-li"
  | WrittenMetricName
  | PairMetricName;

/** The metrics of what is written. */
export type WrittenMetricName = "exact-match" | "bleu";

const writtenMetrics: readonly WrittenMetricName[] = ["exact-match", "bleu"];

/** The metrics of texts that are read as they are given. */
export type ReadMetricName = Exclude<MetricName, WrittenMetricName>;

/** The metrics that compare what stands in pairs. */
export type PairMetricName = "minimal-pairs" | "agreement" | "logit-diff";

const pairMetrics: readonly PairMetricName[] = ["minimal-pairs", "agreement", "logit-diff"];

export const metricNames: readonly MetricName[] = [
  "loss",
  "accuracy",
  "gold-probability",
  "kl",
  "representation",
  "erasure",
  "erasure-li",
  ...writtenMetrics,
  ...pairMetrics,
];

/** Whether a metric is of what an encoder-decoder writes, token by token. */
export function isWritten(metric: MetricName): metric is WrittenMetricName {
  return writtenMetrics.some((name) => name === metric);
}

/** Numbers that a metric is made of, for an ablation and a sentence. */
export function numbersOf(metric: MetricName): number {
  return metric === "bleu" ? bleuNumbers : 1;
}

/** Whether a metric compares what stands in pairs. */
export function isOfPairs(metric: MetricName): metric is PairMetricName {
  return pairMetrics.some((name) => name === metric);
}

/** The metric of a pair of which one is likelier than the other by `margin`, a difference of summed ln p. */
export function metricOfPair(metric: PairMetricName, margin: number): number {
  return metric === "logit-diff" ? margin : Number(margin > 0);
}

/** Damage is metric after − before for these, and before − after for the others. */
const lowerIsBetter: Readonly<Record<MetricName, boolean>> = {
  loss: true,
  accuracy: false,
  "gold-probability": false,
  kl: true,
  representation: true,
  erasure: true,
  "erasure-li": false,
  "exact-match": false,
  bleu: false,
  "minimal-pairs": false,
  agreement: false,
  "logit-diff": false,
};

/** 1 for the metrics that need the untouched passages in the same batch. */
export function comparesBaseline(metric: MetricName): 0 | 1 {
  return metric === "kl" || metric === "representation" || metric === "erasure-li" ? 1 : 0;
}

/** Whether a metric compares with the untouched model, and is 0 of that model itself. */
export function isRelative(metric: MetricName): boolean {
  return comparesBaseline(metric) === 1 || metric === "erasure";
}

/** What ablation makes of one −ln p as a share of it. */
export function shareLost(before: number, after: number): number {
  return (before - after) / Math.max(before, 2 ** -24);
}

/** Checks that a model has what a metric needs. @throws ArgumentError */
export function checkMetric(name: string, model: Model): MetricName {
  const metric = checkKnown("metric", name, metricNames);
  const { kind } = model.head;
  if (metric !== "representation" && (kind === "none" || kind.endsWith("scores"))) {
    const reason = kind === "none" ? "has no head" : "gives scores, which do not exclude each other";
    throw new ArgumentError("metric", `representation, as ${model.name} ${reason}`, metric);
  }
  if (isWritten(metric) && !(model.encoder && kind === "causal"))
    throw new ArgumentError("metric", `a metric of what is predicted, as ${model.name} writes nothing: it is no encoder-decoder,`, metric); // biome-ignore format: one line
  if ((metric === "minimal-pairs" || metric === "agreement") && kind.endsWith("classification"))
    throw new ArgumentError(
      "metric",
      `loss, accuracy, gold-probability, kl, erasure, or logit-diff of two classes, as ${model.name} is a classifier`,
      metric,
    );
  return metric;
}

/** How much worse the metric became. */
export function damage(metric: MetricName, before: number, after: number): number {
  return lowerIsBetter[metric] ? after - before : before - after;
}

/** Sums of a metric over rows: tokens, or sentences for a classifier of them. BLEU, which is no mean, counts once for each. */
export interface Tally {
  readonly sum: number;
  readonly count: number;
  /** Over the rows that lack the metric's concept. */
  readonly otherSum: number;
  readonly otherCount: number;
}

/** The metric that a tally adds up to. */
export function mean({ sum, count }: Tally): number {
  return sum / count;
}

/** The metric over the rows that lack its concept. */
export function meanOfOthers({ otherSum, otherCount }: Tally): number {
  return otherSum / otherCount;
}
