import { ArgumentError } from "../../core/errors.js";
import { permutation, random } from "../../core/random.js";
import { type Site, siteOfColumn } from "../../core/sites.js";
import type { Corpus } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import type { Evaluation, MethodContext, Ranking } from "../result.js";
import { type AblateOptions, ablationOf, checkOptionNames, metricOptionsOf, valueOptionsOf } from "./ablate.js";
import { type KeepOptions, keepOptions, openSweep } from "./kept-sweep.js";
import { type Measured, measureAblations } from "./measure.js";
import { mean, meanOfOthers, type Tally } from "./metric.js";
import { type CurveIntervals, type Point, PointIntervals } from "./point-intervals.js";
import type { ReplacementName } from "./replacement.js";
import { sameSites } from "./units.js";

export interface AblateRankingOptions extends AblateOptions, KeepOptions {
  /** Shares of the neurons to ablate. Default 0, .1 … 1. */
  readonly fractions?: readonly number[];
  /** Numbers of neurons to ablate, instead of shares. */
  readonly counts?: readonly number[];
}

/** The metric after ablating the top, random and bottom neurons of a ranking. */
export interface AblationCurve {
  readonly fractions: readonly number[];
  readonly counts: readonly number[];
  readonly top: readonly number[];
  /** Means over the draws. */
  readonly random: readonly number[];
  readonly bottom: readonly number[];
  /** All draws of random sets: one list of metrics per draw. */
  readonly draws: readonly (readonly number[])[];
  readonly baseline: number;
  readonly metric: string;
  readonly value: ReplacementName;
  /** With a concept: the metric over the predicted tokens that lack it. */
  readonly others?: Pick<AblationCurve, "top" | "random" | "bottom" | "baseline" | "intervals">;
  /** Of every point, by drawing the sentences anew; left out where only one sentence has the metric. */
  readonly intervals?: CurveIntervals;
}

const drawCount = 10;

/**
 * Ablates the top, random and bottom k neurons of a ranking and measures the model. Random sets have
 * as many neurons of each site as the top set; ten are drawn.
 *
 * @throws ArgumentError if the ranking is of sites that the model lacks, or a count exceeds its neurons
 */
export async function ablateRanking(
  model: Model,
  corpus: Corpus,
  ranking: Ranking,
  options: AblateRankingOptions,
  context: MethodContext = {},
): Promise<Evaluation<AblationCurve>> {
  checkOptionNames(options, ["fractions", "counts", ...keepOptions]);
  const sites = sameSites(model, ranking.sites, "ranking");
  const { fractions, counts } = countsOf(ranking.order.length, options);
  const sets = new ColumnSets();
  const points = counts.map((count) => setsOf(sets, sites, ranking.order, count, options.seed ?? 0));
  const units = { sites, members: sets.all };
  await using sweep = await openSweep(model, corpus, units, { ...options, kind: "sets of a ranking" }, context);
  const { prepared, provenance, journal } = sweep;
  const { metric, passages, replacement, layout, options: known } = prepared;
  const ablations = sets.all.map((columns) => ablationOf(sites, columns, replacement));
  const intervals = new PointIntervals(points, metric, known.seed);
  const measured = await measureAblations(model, passages, ablations, {
    ...context,
    ...layout,
    journal,
    positions: known.positions,
    take: (span) => intervals.take(span),
  });

  const { draws, ...curves } = curvesOf(measured, points, mean);
  const { draws: _, ...others } = curvesOf(measured, points, meanOfOthers);
  return {
    kind: "evaluation",
    method: "ablation",
    of: ranking,
    values: {
      fractions,
      counts,
      ...curves,
      draws,
      metric,
      value: known.value,
      ...intervals.own(measured.sentences),
      ...(measured.baseline.otherCount > 0 && { others: { ...others, ...intervals.others(measured.sentences) } }),
    },
    options: {
      ...valueOptionsOf(known),
      ...metricOptionsOf(known),
      positions: known.positions,
    },
    provenance,
  };
}

/** The metric at every point: of the top, the mean of the draws, the bottom, each draw, and the untouched model. */
function curvesOf({ baseline, ablated }: Measured, points: readonly Point[], mean: (tally: Tally) => number) {
  const metrics = ablated.map(mean);
  const draws = Array.from({ length: drawCount }, (_, draw) => points.map((point) => metrics[point.draws[draw]!]!));
  return {
    top: points.map(({ top }) => metrics[top]!),
    random: points.map((_, i) => draws.reduce((sum, draw) => sum + draw[i]!, 0) / drawCount),
    bottom: points.map(({ bottom }) => metrics[bottom]!),
    draws,
    baseline: mean(baseline),
  };
}

function countsOf(neurons: number, { fractions, counts }: AblateRankingOptions) {
  if (fractions && counts) throw new ArgumentError("counts", "either counts or fractions", "both");
  const stranger = counts?.find((count) => !Number.isInteger(count) || count < 0 || count > neurons);
  if (stranger !== undefined) throw new ArgumentError("counts", `integers from 0 to ${neurons}`, stranger);
  if (counts) return { fractions: counts.map((count) => count / neurons), counts };
  const shares = fractions ?? Array.from({ length: 11 }, (_, i) => i / 10);
  const share = shares.find((value) => !(value >= 0 && value <= 1));
  if (share !== undefined) throw new ArgumentError("fractions", "numbers from 0 to 1", share);
  return { fractions: shares, counts: shares.map((value) => Math.round(value * neurons)) };
}

/** Sets of columns to ablate, the same one once: nothing and everything are every draw's. */
class ColumnSets {
  readonly all: Uint32Array[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of a set. */
  add(columns: Uint32Array): number {
    const sorted = columns.slice().sort();
    const key = sorted.join();
    const number = this.#numbers.get(key) ?? this.all.push(sorted) - 1;
    this.#numbers.set(key, number);
    return number;
  }
}

function setsOf(sets: ColumnSets, sites: readonly Site[], order: Uint32Array, count: number, seed: number): Point {
  const draws = Array.from({ length: drawCount }, (_, draw) => drawLikeTop(sites, order, count, seed, draw));
  return {
    top: sets.add(order.subarray(0, count)),
    bottom: sets.add(order.subarray(order.length - count)),
    draws: draws.map((columns) => sets.add(columns)),
  };
}

/** A random set with as many neurons of each site as the first `count` of the order. */
function drawLikeTop(
  sites: readonly Site[],
  order: Uint32Array,
  count: number,
  seed: number,
  draw: number,
): Uint32Array {
  const wanted = new Map<Site, number>();
  for (const column of order.subarray(0, count)) {
    const site = siteOfColumn(sites, column);
    wanted.set(site, (wanted.get(site) ?? 0) + 1);
  }
  const uniform = random(seed * 7919 + draw);
  return Uint32Array.from(
    sites.flatMap((site) => {
      const shuffled = permutation(site.width, uniform);
      return Array.from(shuffled.subarray(0, wanted.get(site) ?? 0), (column) => site.offset + column);
    }),
  );
}
