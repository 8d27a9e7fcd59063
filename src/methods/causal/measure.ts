import type { Intervention } from "../../model/interventions.js";
import type { Forward, Model } from "../../model/model.js";
import { NO_TARGET } from "../../model/model.js";
import { canShareTexts } from "../../model/stages.js";
import type { MethodContext } from "../result.js";
import { ablatedPositions, type PositionsName } from "./ablated-rows.js";
import { groupPassages, type PassageBatch } from "./batches.js";
import { addTally, emptyTally, type MetricName, type Tally } from "./metric.js";
import type { Passage } from "./passages.js";

/** Columns of sites that are ablated together, and how. */
export interface Ablation {
  readonly parts: readonly Omit<Intervention, "sequence" | "positions">[];
}

export interface MeasureOptions extends MethodContext {
  readonly metric: MetricName;
  readonly positions: PositionsName;
  /** Tokens of one forward batch, copies included. */
  readonly batchTokens: number;
}

/** The sums of a metric: of the untouched model, and of each ablation. */
export interface Measured {
  readonly baseline: Tally;
  readonly ablated: readonly Tally[];
  readonly operations: SweepOperations;
}

/** Multiplications and additions of a model's linear maps. */
export interface SweepOperations {
  /** Of all ablations, as they were computed. */
  readonly sweep: number;
  /** Of one whole pass of the model for every ablation. */
  readonly wholePasses: number;
}

/**
 * Measures the model with each of many ablations over all passages. Every forward batch carries
 * copies of the same passages, each copy with an ablation of its own.
 */
export async function measureAblations(
  model: Model,
  passages: readonly Passage[],
  ablations: readonly Ablation[],
  options: MeasureOptions,
): Promise<Measured> {
  const baseline = emptyTally();
  const ablated = ablations.map(emptyTally);
  const budget = batchBudget(model, options);
  const batches = batchesOf(model, passages, ablations.length, options);
  const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
  const order = bySite(model, ablations);
  const operations = { sweep: 0, wholePasses: 0 };
  let done = 0;
  let pending = Promise.resolve();
  for (const { batch, numbers } of jobsOf(batches, order, { ...options, batchTokens: budget })) {
    options.signal?.throwIfAborted();
    const before = pending;
    const some = Array.from(numbers, (number) => ablations[number]!);
    const measured = measureBatch(model, batch, some, options);
    pending = before.then(async () => {
      const tallies = some.length === 0 ? [baseline] : Array.from(numbers, (number) => ablated[number]!);
      const found = await measured;
      for (const [i, tally] of found.tallies.entries()) addTally(tallies[i]!, tally);
      if (some.length === 0) operations.wholePasses += found.operations * ablations.length;
      else operations.sweep += found.operations;
      done += batch.tokens * some.length;
      options.onProgress?.(done, tokens * ablations.length, "tokens of ablated passages");
    });
    for (const work of [measured, pending]) work.catch(() => {}); // awaited by the next, or below
    await before;
  }
  await pending;
  return { baseline, ablated, operations };
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

/** The passages of each forward batch, with room for copies of them: most of a batch should be copies. */
export function batchesOf(
  model: Model,
  passages: readonly Passage[],
  ablations: number,
  options: MeasureOptions,
): PassageBatch[] {
  const copies = Math.max(1, Math.min(canShareTexts(model) ? 32 : 8, ablations + comparesBaseline(options.metric)));
  return groupPassages(passages, Math.max(1, Math.floor(batchBudget(model, options) / copies)));
}

/** Bytes of logits that are held at once: KL needs those of all tokens of a batch. */
const logitBytes = 1 << 28;

/** Tokens of one batch. */
function batchBudget({ vocabulary }: Model, { metric, batchTokens }: MeasureOptions): number {
  return metric === "kl" ? Math.min(batchTokens, Math.floor(logitBytes / (4 * vocabulary))) : batchTokens;
}

/** A forward batch: passages and some ablations; none for the untouched model. */
interface Job {
  readonly batch: PassageBatch;
  readonly numbers: Uint32Array;
}

/** Ablations that go through all passages before the next ones do: their batches are of a few kinds. */
const spanAblations = 1024;

/** Two batches are under way at a time: one runs while the numbers of the other are added. */
function* jobsOf(batches: readonly PassageBatch[], order: Uint32Array, options: MeasureOptions): Generator<Job> {
  for (const batch of batches) yield { batch, numbers: new Uint32Array(0) };
  for (let first = 0; first < order.length; first += spanAblations) {
    const span = order.subarray(first, first + spanAblations);
    for (const batch of batches) {
      const copies = Math.max(1, Math.floor(options.batchTokens / batch.tokens) - comparesBaseline(options.metric));
      for (let at = 0; at < span.length; at += copies) yield { batch, numbers: span.subarray(at, at + copies) };
    }
  }
}

/** 1 for the metrics that need the untouched passages in the same batch. */
function comparesBaseline(metric: MetricName): 0 | 1 {
  return metric === "kl" || metric === "representation" ? 1 : 0;
}

/** Sums over one forward batch: the passages as they are where the metric needs them, then a copy per ablation. */
async function measureBatch(
  model: Model,
  { passages, tokens }: PassageBatch,
  ablations: readonly Ablation[],
  { metric, positions }: MeasureOptions,
): Promise<{ tallies: readonly Tally[]; operations: number }> {
  const base = ablations.length === 0 ? 0 : comparesBaseline(metric);
  const copies = base + Math.max(1, ablations.length);
  const repeat = <T>(make: (passage: Passage) => T) => Array.from({ length: copies }, () => passages.map(make)).flat();
  const targets = concatenate(repeat((passage) => passage.targets));
  using forward = model.forward({
    sequences: repeat(({ ids }) => ids),
    ...(canShareTexts(model) && { texts: passages.length }),
    ...(model.encoder && { sources: repeat(({ source }) => source!) }),
    identities: Uint32Array.from(repeat(({ sentence }) => sentence)),
    interventions: ablations.flatMap((ablation, i) => interventionsOf(ablation, passages, base + i, positions)),
    ...(metric !== "representation" && { targets }),
    ...(comparesBaseline(metric) && {
      compareWith: Uint32Array.from({ length: copies * passages.length }, (_, i) => i % passages.length),
    }),
  });
  const values = await valuesOf(forward, metric);
  const asked = metric === "representation" ? tokens : targets.length / copies;
  const focus = passages.flatMap(({ focus, ids, targets }) =>
    Array.from(focus ?? new Uint8Array(metric === "representation" ? ids.length : targets.length).fill(1)),
  );
  const tallies = Array.from({ length: copies - base }, (_, i) => {
    const tally = emptyTally();
    const start = (base + i) * asked;
    for (let t = start; t < start + asked; t++) {
      if (metric !== "representation" && targets[t] === NO_TARGET) continue;
      const value = metric === "accuracy" ? Number(values[t] === targets[t]) : values[t]!;
      const own = focus[t - start]!;
      tally.sum += own * value;
      tally.count += own;
      tally.otherSum += (1 - own) * value;
      tally.otherCount += 1 - own;
    }
    return tally;
  });
  return { tallies, operations: forward.operations };
}

/** The metric of every target, or token; predictions where it is accuracy. */
async function valuesOf(forward: Forward, metric: MetricName): Promise<Float32Array | Uint32Array> {
  switch (metric) {
    case "loss":
      return await forward.losses();
    case "accuracy":
      return await forward.predictions();
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

/** The interventions of a copy of the passages: one for all of them, or one for each that has positions of its own. */
function interventionsOf(
  { parts }: Ablation,
  passages: readonly Passage[],
  copy: number,
  positions: PositionsName,
): Intervention[] {
  const first = copy * passages.length;
  const places: Pick<Intervention, "sequence" | "positions">[] =
    positions === "all"
      ? [{ sequence: [first, first + passages.length] }]
      : passages.map((passage, i) => {
          return { sequence: first + i, positions: ablatedPositions(passage, positions) ?? [] };
        });
  return places.flatMap((place) => parts.map((part): Intervention => ({ ...part, ...place })));
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
