import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import { siteOfColumn } from "../../core/sites.js";
import { checkKnown } from "../../core/suggest.js";
import { version } from "../../core/version.js";
import { type Corpus, targetsOf } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import { isSourceSite } from "../../model/stacks.js";
import type { MethodContext, Provenance } from "../result.js";
import type { PositionsName } from "./ablated-rows.js";
import { focusPassages } from "./focus.js";
import type { Ablation } from "./measure.js";
import { checkMetric, type MetricName } from "./metric.js";
import { type Passage, readPassages } from "./passages.js";
import { findReplacement, type Replacement, type ReplacementName } from "./replacement.js";

/** What every ablation of a model is told. */
export interface AblateOptions {
  /** What an ablated neuron becomes. */
  readonly value: ReplacementName;
  readonly metric: MetricName;
  /** Classifiers: the label of sentences (default `label`) or the annotation of words that is right. */
  readonly label?: string;
  /**
   * KEY=VALUE or KEY~PATTERN: the metric is over the predicted tokens (of a classifier of sequences: the sentences)
   * that have it, and stands for the others beside. Left out: over all.
   */
  readonly concept?: string;
  /** Default `all`: special tokens too; `last` is the last token that is not special. */
  readonly positions?: PositionsName;
  /** Seeds what is random: masked tokens, random sets, noise and resampled positions. Default 0. */
  readonly seed?: number;
  /** Tokens of one forward batch, copies included. Default 4,096. */
  readonly batchTokens?: number;
}

/** A corpus made ready for a model and a metric. */
export interface Preparation {
  readonly metric: MetricName;
  readonly passages: readonly Passage[];
  readonly skipped: number;
  /** What the columns of the sites become. */
  readonly replacement: Replacement;
  readonly options: Required<Omit<AblateOptions, "concept" | "label">> & Pick<AblateOptions, "concept" | "label">;
}

const optionNames = ["value", "metric", "label", "concept", "positions", "seed", "batchTokens"];

/** Refuses options that an ablation does not know. `others` are those that the method has besides. */
export function checkOptionNames(options: object, others: readonly string[]): void {
  for (const name of Object.keys(options)) checkKnown("options", name, [...optionNames, ...others]);
}

/** Checks the options, tokenises the corpus and finds the values to set. */
export async function prepareAblation(
  model: Model,
  corpus: Corpus,
  sites: readonly Site[],
  given: AblateOptions,
  { signal }: MethodContext,
): Promise<Preparation> {
  const options = { positions: "all" as const, seed: 0, batchTokens: 4096, ...given };
  const metric = checkMetric(options.metric, model);
  if (options.label !== undefined && !model.head.kind.endsWith("classification"))
    throw new ArgumentError("label", `none for ${model.name}, which is no classifier`, options.label);
  const ofSources = model.encoder && sites.find(({ name }) => isSourceSite(name));
  if (ofSources)
    throw new ArgumentError("sites", "sites of the decoder, whose tokens the metric is of", ofSources.name);
  const { passages: read, skipped } = await readPassages(model, corpus, { ...options, metric });
  const passages = focused(read, model, corpus, options);
  const replacement = await findReplacement(model, passages, sites, { ...options, signal });
  return { metric, passages, skipped, replacement, options };
}

function focused(
  passages: readonly Passage[],
  model: Model,
  corpus: Corpus,
  { concept, metric }: AblateOptions,
): readonly Passage[] {
  if (concept === undefined) return passages;
  if (metric === "representation")
    throw new ArgumentError("concept", "none for representation, which predicts nothing", concept);
  return focusPassages(passages, model.encoder ? targetsOf(corpus) : corpus, model.head, concept);
}

/** The ablation of some columns of side-by-side sites. */
export function ablationOf(sites: readonly Site[], columns: Uint32Array, replacement: Replacement): Ablation {
  const bySite = new Map<Site, number[]>();
  for (const column of columns) {
    const site = siteOfColumn(sites, column);
    const own = bySite.get(site);
    if (own) own.push(column);
    else bySite.set(site, [column]);
  }
  const parts = [...bySite].map(([site, own]) => {
    const columns = Uint32Array.from(own, (column) => column - site.offset);
    return { site: site.name, columns, ...replacement.changeOf(site, columns) };
  });
  return { parts };
}

/** What an ablation was made from. */
export async function ablationProvenance(model: Model, corpus: Corpus, seed: number): Promise<Provenance> {
  return {
    version,
    device: model.device.description.name,
    seed,
    model: await model.fingerprint(),
    corpus: corpus.fingerprint,
    activations: null,
  };
}
