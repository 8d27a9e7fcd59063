import type { Model } from "../../model/model.js";
import { groupPassages, type PassageBatch } from "./batches.js";
import { bootstrapResamples } from "./bootstrap.js";
import type { Ablation } from "./measure-batch.js";
import { comparesBaseline, type MetricName, numbersOf } from "./metric.js";
import type { Passage } from "./passages.js";

/** A forward batch: passages and some ablations of a span. */
export interface SweepJob {
  readonly batch: PassageBatch;
  readonly span: Span;
  /** Where its ablations stand in the span; nothing for the untouched model. */
  readonly first: number;
  readonly last: number;
  /** Whether it is the last one of its span. */
  readonly closes: boolean;
}

/** Ablations that go through all passages before the next ones do: their batches are of a few kinds. */
export interface Span {
  /** The numbers of the ablations; none for the untouched model. */
  readonly numbers: Uint32Array;
}

/** How a sweep is cut into forward batches. */
export interface SweepLayout {
  readonly metric: MetricName;
  /** Tokens of one forward batch, copies included. */
  readonly batchTokens: number;
  /** Ablations of a span; left out: 1,024, or fewer where there are many passages. */
  readonly spanAblations?: number;
}

const mostSpanAblations = 1024;

/** Bytes of the sums over each sentence that a span holds. */
const spanBytes = 1 << 26;

/** Ablations of a span unless there is little memory. */
export function spanAblations(passages: readonly Passage[]): number {
  return Math.max(1, Math.min(mostSpanAblations, Math.floor(spanBytes / (8 * passages.length))));
}

/** Bytes that a span takes: sums over each sentence and their changes, and the means of the resamples. */
export function spanBytesOf(passages: readonly Passage[], ablations: number, metric: MetricName): number {
  const kinds = (passages.some(({ focus }) => focus) ? 2 : 1) * numbersOf(metric);
  return ablations * 8 * (2 * kinds * passages.length + numbersOf(metric) * bootstrapResamples);
}

/** All batches of a sweep in their order: those of the untouched model, then span by span. */
export function* sweepJobs(
  model: Model,
  passages: readonly Passage[],
  ablations: readonly Ablation[],
  layout: SweepLayout,
): Generator<SweepJob> {
  const batches = batchesOf(model, passages, ablations.length, layout);
  const order = bySite(model, ablations);
  yield* spanJobs(model, batches, { numbers: new Uint32Array(0) }, layout);
  const length = layout.spanAblations ?? spanAblations(passages);
  for (let start = 0; start < order.length; start += length) {
    yield* spanJobs(model, batches, { numbers: order.subarray(start, start + length) }, layout);
  }
}

function* spanJobs(
  model: Model,
  batches: readonly PassageBatch[],
  span: Span,
  layout: SweepLayout,
): Generator<SweepJob> {
  const count = span.numbers.length;
  for (const batch of batches) {
    const copies = batchCopies(model, batch, layout);
    for (let first = 0; first === 0 || first < count; first += copies) {
      const last = Math.min(count, first + copies);
      yield { batch, span, first, last, closes: last === count && batch === batches.at(-1) };
    }
  }
}

/** Ablated copies of the passages that a batch has room for, one at least. */
export function batchCopies(model: Model, { tokens }: PassageBatch, layout: SweepLayout): number {
  return Math.max(1, Math.floor(batchBudget(model, layout) / tokens) - comparesBaseline(layout.metric));
}

/** The passages of each forward batch, with room for copies of them: most of a batch should be copies. */
export function batchesOf(
  model: Model,
  passages: readonly Passage[],
  ablations: number,
  layout: SweepLayout,
): PassageBatch[] {
  const copies = Math.max(1, Math.min(32, ablations + comparesBaseline(layout.metric)));
  return groupPassages(passages, Math.max(1, Math.floor(batchBudget(model, layout) / copies)));
}

/** Bytes of logits that are held at once: KL needs those of all tokens of a batch. */
const logitBytes = 1 << 28;

/** Tokens of one batch. */
function batchBudget({ vocabulary }: Model, { metric, batchTokens }: SweepLayout): number {
  return metric === "kl" ? Math.min(batchTokens, Math.floor(logitBytes / (4 * vocabulary))) : batchTokens;
}

/** The numbers of ablations in the order of the first site that each changes, so that a batch begins as late as it can. */
export function bySite(model: Model, ablations: readonly Ablation[]): Uint32Array {
  const places = new Map(model.sites.map(({ name }, place) => [name, place]));
  const first = ablations.map((ablation) => places.get(firstSite(model, ablation)) ?? Number.POSITIVE_INFINITY);
  return Uint32Array.from(ablations.keys()).sort((a, b) => first[a]! - first[b]! || a - b);
}

/** The first site that an ablation changes, in the model's order; nothing for one that changes none. */
export function firstSite({ sites }: Model, { parts }: Ablation): string {
  if (parts.length === 1) return parts[0]!.site;
  const changed = new Set(parts.map(({ site }) => site));
  return sites.find(({ name }) => changed.has(name))?.name ?? "";
}
