import { ArgumentError } from "../../core/errors.js";
import { checkKnown } from "../../core/suggest.js";
import type { Corpus } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import { selectSites } from "../../model/sites.js";
import { rankScores } from "../order.js";
import type { Grouping, MethodContext, Ranking } from "../result.js";
import { type AblateOptions, ablationOf, checkOptionNames, metricOptionsOf, valueOptionsOf } from "./ablate.js";
import type { SentenceIntervals } from "./bootstrap.js";
import { DamageIntervals } from "./damage-intervals.js";
import { checkTop, type Interactions, measureInteractions } from "./interactions.js";
import { type KeepOptions, keepOptions, openSweep } from "./kept-sweep.js";
import { measureAblations } from "./measure.js";
import { damage, type MetricName, mean, meanOfOthers, type Tally } from "./metric.js";
import type { ReplacementName } from "./replacement.js";
import { type SentenceDamage, SentenceDamageFile } from "./sentence-damage.js";
import { describeLayout, type SweepBatches } from "./sweep-layout.js";
import type { SweepOperations } from "./sweep-operations.js";
import {
  defaultSites,
  groupUnits,
  headUnits,
  layerUnits,
  neuronUnits,
  type UnitName,
  type Units,
  unitNames,
} from "./units.js";

export interface AblateEachOptions extends AblateOptions, KeepOptions {
  /** What is ablated in turn. Default `neuron`. */
  readonly each?: UnitName;
  /** Site selector. Default `layers.*.mlp.hidden`, for heads `layers.*.attention.heads`, for recurrent models `layers.*.hidden`, those of both directions. */
  readonly sites?: string | readonly string[];
  /** The grouping whose groups are ablated, for `group`. */
  readonly grouping?: Grouping;
  /** So many units of most damage are ablated two at a time too. Left out: none. */
  readonly pairs?: number;
  /** A `.npy` file for the damage of every unit to every sentence. */
  readonly perSentence?: string;
}

/** A ranking by damage: how much worse the metric becomes without each unit. One column per unit. */
export interface DamageRanking extends Ranking {
  /** The metric of the untouched model. */
  readonly baseline: number;
  readonly metric: MetricName;
  readonly value: ReplacementName;
  /** Tokens (of a classifier of sequences: sentences) that the metric is a mean over, and sentences that have none. */
  readonly tokens: number;
  readonly skipped: number;
  /** What the sweep cost, and what it would have cost unit by unit. */
  readonly operations: SweepOperations;
  /** How it was cut into batches. */
  readonly plan: SweepBatches;
  /** With a concept: the metric of the untouched model over the tokens that lack it, and the damage to it per column. */
  readonly others?: {
    readonly baseline: number;
    readonly damage: Float64Array;
    readonly intervals?: SentenceIntervals;
  };
  /** Of each score, by drawing the sentences anew; left out where only one sentence has the metric. */
  readonly intervals?: SentenceIntervals;
  /** Of the units of most damage, two at a time, if it was asked for. */
  readonly interactions?: Interactions;
  /** Where the damage to every sentence is, if it was asked for. */
  readonly perSentence?: SentenceDamage;
}

/**
 * Ablates every neuron, head, layer or group in turn and measures the damage over a corpus.
 *
 * @returns one column per unit; score = metric after − before where lower is better, else before − after
 * @throws ArgumentError for a metric that the model has no head for, or sites it lacks
 */
export async function ablateEach(
  model: Model,
  corpus: Corpus,
  options: AblateEachOptions,
  context: MethodContext = {},
): Promise<DamageRanking> {
  const units = unitsOf(model, options);
  const { each = "neuron", perSentence, pairs } = options;
  if (options.metric === "bleu") refuseSums({ pairs, perSentence });
  if (pairs !== undefined) checkTop(pairs, units.members.length);
  await using sweep = await openSweep(model, corpus, units, { ...options, kind: `each ${each}` }, context);
  const { prepared, provenance, journal } = sweep;
  const { metric, passages, skipped, replacement, layout, options: known } = prepared;
  const ablations = units.members.map((members) => ablationOf(units.sites, members, replacement));
  await using file = perSentence === undefined ? null : new SentenceDamageFile(perSentence, ablations.length, metric);
  const intervals = new DamageIntervals(ablations.length, metric, known.seed);
  const measuring = { ...context, ...layout, journal, positions: known.positions, seed: known.seed };
  const { baseline, ablated, operations, sentences } = await measureAblations(model, passages, ablations, {
    ...measuring,
    ...(pairs !== undefined && { part: "every unit" }),
    async take(span) {
      intervals.take(span);
      await file?.take(span);
    },
  });

  const before = mean(baseline);
  const ranked = rankScores(Float64Array.from(ablated, (tally) => damage(metric, before, mean(tally))));
  const interactions =
    pairs === undefined ? null : await measureInteractions(model, units, prepared, ranked.order, pairs, measuring);
  return {
    kind: "ranking",
    method: "ablation",
    concept: null,
    sites: units.columns,
    ...ranked,
    ...(intervals.own && { intervals: intervals.own }),
    baseline: before,
    metric,
    value: known.value,
    tokens: baseline.count,
    skipped,
    operations,
    plan: describeLayout(model, passages, ablations.length, layout),
    ...(interactions && { interactions }),
    ...(file && { perSentence: await file.finish(sentences) }),
    ...(baseline.otherCount > 0 && {
      others: {
        ...damageToOthers(baseline, ablated, metric),
        ...(intervals.others && { intervals: intervals.others }),
      },
    }),
    options: {
      each,
      sites: units.sites.map(({ name }) => name),
      ...valueOptionsOf(known),
      ...metricOptionsOf(known),
      positions: known.positions,
      ...(pairs !== undefined && { pairs }),
    },
    provenance,
  };
}

/** @throws ArgumentError for what a metric that is no mean over sentences does not have */
function refuseSums(options: Readonly<Record<string, string | number | undefined>>): void {
  const [stranger] = Object.entries(options).filter(([, value]) => value !== undefined);
  if (stranger) throw new ArgumentError(stranger[0], "nothing for bleu, which is of a corpus and no mean over its sentences,", stranger[1]); // biome-ignore format: one line
}

function damageToOthers(baseline: Tally, ablated: readonly Tally[], metric: MetricName) {
  const before = meanOfOthers(baseline);
  const scores = Float64Array.from(ablated, (tally) => damage(metric, before, meanOfOthers(tally)));
  return { baseline: before, damage: scores };
}

/** What the options ask to ablate in turn. @throws ArgumentError for options that do not fit each other or the model */
export function unitsOf(model: Model, options: AblateEachOptions): Units {
  checkOptionNames(options, ["each", "sites", "grouping", "pairs", "perSentence", ...keepOptions]);
  const { sites: selector, grouping } = options;
  const each = checkKnown<UnitName>("each", options.each ?? "neuron", unitNames);
  if ((each === "group") !== (grouping !== undefined)) {
    throw new ArgumentError(
      "grouping",
      each === "group" ? "a grouping" : "none but for groups",
      each === "group" ? "none" : "one",
    );
  }
  if (grouping) return groupUnits(model, grouping);
  if (each === "head" && model.heads === 0)
    throw new ArgumentError("each", `neuron, layer or group for ${model.name}, which has no attention heads`, each);
  const sites = selectSites(model.sites, selector ?? defaultSites(model, each));
  switch (each) {
    case "neuron":
      return neuronUnits(sites);
    case "head":
      return headUnits(model, sites);
    default:
      return layerUnits(sites);
  }
}
