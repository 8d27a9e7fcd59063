import { ArgumentError } from "../../core/errors.js";
import type { Intervention } from "../../model/interventions.js";
import type { Forward, ForwardRequest, Model } from "../../model/model.js";
import { ablatedPositions, type PositionsName, readAt } from "./ablated-rows.js";
import type { PassageBatch } from "./batches.js";
import { comparesBaseline, type MetricName, type ReadMetricName, shareLost } from "./metric.js";
import { type Passage, readRows } from "./passages.js";

/** Columns of sites that are ablated together, and how. */
export interface Ablation {
  readonly parts: readonly Omit<Intervention, "sequence" | "positions">[];
}

/** Sums of a metric over each passage of a batch. */
export interface BatchSums {
  /** Ablations × passages, of BLEU ten numbers one behind the other; of the untouched model where there are no ablations. */
  readonly sums: Float64Array;
  /** The same over the rows that lack the metric's concept; null where the metric is over all. */
  readonly others: Float64Array | null;
  /** Multiplications and additions of linear maps. */
  readonly operations: number;
  /** Those of them that hang on the passages alone: they are not done again for other copies of the same. */
  readonly ofTexts: number;
}

/** What is measured, and where units are ablated. */
export interface BatchOptions {
  readonly metric: MetricName;
  readonly positions: PositionsName;
}

/**
 * Measures one forward batch: the passages as they are where the metric needs them, then a copy per ablation.
 *
 * @param changed ablations × tokens: 1 where they change a value; left out: wherever they are
 */
export async function measureBatch(
  model: Model,
  batch: PassageBatch,
  ablations: readonly Ablation[],
  options: BatchOptions & { readonly metric: ReadMetricName },
  changed?: Uint8Array | null,
): Promise<BatchSums> {
  const { passages, tokens } = batch;
  const { metric } = options;
  const { base, copies } = copiesOf(ablations, metric);
  const request = requestOf(model, batch, ablations, options, changed);
  using forward = model.forward(request);
  const values = await valuesOf(forward, metric, request.targets);
  const asked = metric === "representation" ? tokens : request.targets!.length / copies;
  const rows = rowsOfMetric(metric, values, asked);
  const sums = sumsOf(rows.subarray(base * asked), passages, metric);
  for (const own of [sums.sums, ...(sums.others ? [sums.others] : [])]) checkFinite(own, model, batch, ablations, metric); // biome-ignore format: one line
  return { ...sums, operations: forward.operations, ofTexts: forward.operationsOfTexts };
}

/** @throws ArgumentError for a sum that is no number, as of weights that are none, or a value that float32 cannot hold */
function checkFinite(
  sums: Float64Array,
  { name }: Model,
  { passages }: PassageBatch,
  ablations: readonly Ablation[],
  metric: MetricName,
): void {
  const stranger = sums.findIndex((sum) => !Number.isFinite(sum));
  if (stranger < 0) return;
  const sites = ablations[Math.floor(stranger / passages.length)]?.parts.map(({ site }) => site) ?? [];
  const where = `${sums[stranger]} in sentence ${passages[stranger % passages.length]!.sentence} of ${name}`;
  const without = sites.length > 0 ? ` with ${sites.join(", ")} ablated` : " as it is";
  throw new ArgumentError(metric, "finite numbers", where + without);
}

/** What the model is asked for a batch: the untouched passages where the metric needs them, then a copy per ablation. */
export function requestOf(
  model: Model,
  { passages, tokens }: PassageBatch,
  ablations: readonly Ablation[],
  { metric, positions }: BatchOptions,
  changed?: Uint8Array | null,
): ForwardRequest {
  const { base, copies } = copiesOf(ablations, metric);
  const repeat = <T>(make: (passage: Passage) => T) => Array.from({ length: copies }, () => passages.map(make)).flat();
  return {
    sequences: repeat(({ ids }) => ids),
    texts: passages.length,
    ...(model.encoder && { sources: repeat(({ source }) => source!.ids) }),
    identities: Uint32Array.from(repeat(({ sentence }) => sentence)),
    ...(changed && { changed: behindUntouched(changed, base * tokens) }),
    interventions: ablations.flatMap((ablation, i) =>
      interventionsOf(ablation, passages, (base + i) * passages.length, positions),
    ),
    ...(metric !== "representation" && { targets: concatenate(repeat(({ targets }) => targets)) }),
    ...((metric === "kl" || metric === "representation") && {
      compareWith: Uint32Array.from({ length: copies * passages.length }, (_, i) => i % passages.length),
    }),
  };
}

/** What changes, behind the tokens of copies in which nothing does. */
function behindUntouched(changed: Uint8Array, tokens: number): Uint8Array {
  const all = new Uint8Array(tokens + changed.length);
  all.set(changed, tokens);
  return all;
}

/** Copies of the passages in a batch, and how many of them are untouched. */
function copiesOf(ablations: readonly Ablation[], metric: MetricName) {
  const base = ablations.length === 0 ? 0 : comparesBaseline(metric);
  return { base, copies: base + Math.max(1, ablations.length) };
}

/** What each row of all copies adds to the metric: the first `asked` are those of the untouched passages, if it compares. */
function rowsOfMetric(metric: MetricName, values: Float32Array, asked: number): Values {
  if (metric !== "erasure-li") return values;
  return Float64Array.from(values, (value, t) => shareLost(values[t % asked]!, value));
}

type Values = Float64Array | Float32Array;

/** Adds the values of each copy of the passages up by passage, in the order of its rows: of pairs ln p, with its side's sign. */
function sumsOf(values: Values, passages: readonly Passage[], metric: MetricName) {
  const read = passages.map((passage) => readRows(passage, metric));
  const lengths = passages.map(({ ids, targets }) => (metric === "representation" ? ids : targets).length);
  const copies = values.length / lengths.reduce((sum, length) => sum + length, 0);
  const sums = new Float64Array(copies * passages.length);
  const others = passages.some(({ focus }) => focus) ? new Float64Array(sums.length) : null;
  for (let i = 0, row = 0; i < sums.length; row += lengths[i % passages.length]!, i++) {
    const { focus, side } = passages[i % passages.length]!;
    for (const t of read[i % passages.length]!) {
      const to = focus?.[t] === 0 ? others! : sums;
      to[i]! += side ? -side * values[row + t]! : values[row + t]!;
    }
  }
  return { sums, others };
}

/** The metric of every target, or token: losses where it is made of them. */
async function valuesOf(forward: Forward, metric: ReadMetricName, targets?: Uint32Array): Promise<Float32Array> {
  switch (metric) {
    case "loss":
    case "erasure":
    case "erasure-li":
    case "minimal-pairs":
    case "agreement":
    case "logit-diff":
      return await forward.losses();
    case "accuracy":
      return await hitsOf(forward, targets!);
    case "gold-probability":
      return await forward.probabilities();
    case "kl":
      return await forward.divergences();
    case "representation":
      return await forward.distances();
    default:
      return metric satisfies never;
  }
}

/** 1 where the likeliest is right, else 0; NaN where logits are no numbers, of which none is the largest. */
async function hitsOf(forward: Forward, targets: Uint32Array): Promise<Float32Array> {
  const [predictions, losses] = await Promise.all([forward.predictions(), forward.losses()]);
  return Float32Array.from(predictions, (best, t) => (Number.isNaN(losses[t]) ? Number.NaN : Number(best === targets[t]))); // biome-ignore format: one line
}

/**
 * The interventions of a copy of the passages, which are the sequences from `first` on: one for all of them, or one for each
 * that has positions of its own.
 */
export function interventionsOf(
  { parts }: Ablation,
  passages: readonly Passage[],
  first: number,
  positions: PositionsName,
): Intervention[] {
  if (positions === "all") return parts.map((part) => ({ ...part, sequence: [first, first + passages.length] }));
  return passages.flatMap((passage, i) =>
    parts.map((part): Intervention => {
      const own = ablatedPositions(readAt(passage, part.site), positions) ?? [];
      return { ...part, sequence: first + i, positions: own };
    }),
  );
}

function concatenate(arrays: readonly Uint32Array[]): Uint32Array {
  const result = new Uint32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}
