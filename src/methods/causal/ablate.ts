import { ArgumentError } from "../../core/errors.js";
import { fingerprint } from "../../core/sha256.js";
import type { Site } from "../../core/sites.js";
import { siteOfColumn } from "../../core/sites.js";
import { checkKnown } from "../../core/suggest.js";
import { version } from "../../core/version.js";
import { type Corpus, targetsOf } from "../../corpus/corpus.js";
import type { MaskChoice } from "../../corpus/masked-tokens.js";
import type { NeuronRows } from "../../model/interventions.js";
import type { Model } from "../../model/model.js";
import { checkOneStack, isSourceSite } from "../../model/stacks.js";
import type { MethodContext, Provenance } from "../result.js";
import type { PositionsName } from "./ablated-rows.js";
import { focusSentences, focusTokens } from "./focus.js";
import { asLakretz } from "./lakretz.js";
import type { Ablation } from "./measure.js";
import { checkMetric, isOfPairs, isWritten, type MetricName } from "./metric.js";
import { type Passage, readPassages } from "./passages.js";
import { checkReplacement, findReplacement, type Replacement, type ReplacementName } from "./replacement.js";
import type { JournalBatches } from "./sweep-journal.js";
import { chooseLayout, type PlannedLayout } from "./sweep-layout.js";
import type { Units } from "./units.js";
import { readBehind } from "./warm-up.js";

/** What every ablation of a model is told. */
export interface AblateOptions {
  /** What an ablated neuron becomes. */
  readonly value: ReplacementName;
  /** `project`: what neurons are taken off, a direction a row; see `offDirections`. */
  readonly directions?: NeuronRows;
  readonly metric: MetricName;
  /** Classifiers: the label of sentences (default `label`) or the annotation of words that is right. */
  readonly label?: string;
  /** `logit-diff`: two tokens, or classes, whose logits are compared. Left out: the forms of the corpus' agreement items. */
  readonly tokens?: readonly [string, string];
  /** With `tokens`: where, the last token of each text (the default) or token N, from 0 without special tokens. */
  readonly position?: "last" | number;
  /** Masked models: the share of tokens that is masked, at least one a sentence (default .15), or each in turn. */
  readonly mask?: MaskChoice;
  /**
   * Recurrent models that read from left to right: sentences that are read before each text, one behind the other, as
   * one sequence with it, so that its state begins where they end. Neurons are ablated there too.
   */
  readonly warmUp?: readonly string[];
  /**
   * `lakretz`: as Lakretz et al. (2019) zero the weights of LSTM units: the columns that a layer's own steps read, and
   * those that the readout does; the columns from a lower layer into the next one stay as they are.
   */
  readonly compat?: "lakretz";
  /** Causal models: put the config's `bos_token_id` before a sentence where the tokenizer adds nothing. */
  readonly beginning?: "add";
  /**
   * KEY=VALUE or KEY~PATTERN: the metric is over the predicted tokens (of a classifier of sequences: the sentences; of
   * pairs: those whose good sentence has it) that have it, and stands for the others beside. Left out: over all.
   */
  readonly concept?: string;
  /** Default `all`: special tokens too; `last` is the last token that is not special. */
  readonly positions?: PositionsName;
  /** Seeds what is random: masked tokens, random sets, noise and resampled positions. Default 0. */
  readonly seed?: number;
  /** Bytes of memory that the work may take: the process' own, or a GPU's. Default: half of the machine's, or what it needs. */
  readonly memory?: number;
  /** Tokens of one forward batch at most, copies included. Default: as many as are of use and fit in memory. */
  readonly batchTokens?: number;
}

/** A corpus made ready for a model and a metric. */
export interface Preparation {
  readonly metric: MetricName;
  readonly passages: readonly Passage[];
  readonly skipped: number;
  /** What the columns of the sites become. */
  readonly replacement: Replacement;
  /** How the ablations are cut into batches. */
  readonly layout: PlannedLayout;
  readonly options: Required<Pick<AblateOptions, "value" | "metric" | "positions" | "seed">> &
    Pick<AblateOptions, MetricOption | "directions">;
}

/** What says more of a metric, where it is not left out. */
export const metricOptions = [
  "label",
  "concept",
  "tokens",
  "position",
  "mask",
  "beginning",
  "warmUp",
  "compat",
] as const;
type MetricOption = (typeof metricOptions)[number];

const optionNames = ["value", "directions", "metric", ...metricOptions, "positions", "seed", "memory", "batchTokens"];

/** What a result says of its metric. */
export function metricOptionsOf(options: Preparation["options"]): Pick<AblateOptions, "metric" | MetricOption> {
  const given = metricOptions.filter((name) => options[name] !== undefined);
  return { metric: options.metric, ...Object.fromEntries(given.map((name) => [name, options[name]])) };
}

/** What a result says of what neurons became. */
export function valueOptionsOf({ value, directions }: Pick<AblateOptions, "value" | "directions">) {
  return { value, ...(directions && { directions: fingerprint(directions.values) }) };
}

/** Refuses options that an ablation does not know. `others` are those that the method has besides. */
export function checkOptionNames(options: object, others: readonly string[]): void {
  for (const name of Object.keys(options)) checkKnown("options", name, [...optionNames, ...others]);
}

/**
 * Checks the options, tokenises the corpus, chooses the batches and finds the values to set.
 *
 * @param members the columns of the sites that each ablation takes
 * @param begun the batches of a sweep that was cut short and goes on
 */
export async function prepareAblation(
  model: Model,
  corpus: Corpus,
  { sites, members }: Pick<Units, "sites" | "members">,
  given: AblateOptions,
  { signal }: MethodContext,
  begun: JournalBatches | null = null,
): Promise<Preparation> {
  const options = { positions: "all" as const, seed: 0, ...given };
  const metric = checkMetric(options.metric, model);
  if (options.label !== undefined && !model.head.kind.endsWith("classification"))
    throw new ArgumentError("label", `none for ${model.name}, which is no classifier`, options.label);
  checkTokens(model, options);
  if (model.encoder) checkOneStack(sites.map(({ name }) => name));
  if (isWritten(metric) && options.positions === "last" && sites.some(({ name }) => !isSourceSite(name)))
    throw new ArgumentError("positions", `all or content for ${metric} in a decoder, whose last token is not known while it writes,`, "last"); // biome-ignore format: one line
  const { passages: read, skipped } = await readPassages(model, corpus, { ...options, metric });
  const texts = focused(read, model, corpus, options);
  const passages = options.warmUp ? await readBehind(model, options.warmUp, texts) : texts;
  const value = checkReplacement("value", options.value);
  const planned = members.map((columns) => ablationOf(sites, columns, standIn));
  const layout = chooseLayout(model, passages, sites, planned, { ...options, value, metric, begun });
  const { batchTokens } = layout;
  const found = await findReplacement(model, passages, sites, { ...options, value, batchTokens, signal });
  const replacement = options.compat === undefined ? found : asLakretz(model, sites, found, options);
  return { metric, passages, skipped, replacement, layout, options: { ...options, value } };
}

/** Takes as much memory as what neurons become, which is not known yet. */
const standIn: Replacement = {
  changeOf: (_, columns) => ({ operation: "set", value: new Float32Array(columns.length) }),
};

function checkTokens({ head, name }: Model, { metric, tokens, position }: AblateOptions): void {
  const classes = head.kind.endsWith("classification");
  if (tokens && metric !== "logit-diff") throw new ArgumentError("tokens", "nothing without logit-diff", tokens.join());
  if (position !== undefined && !tokens) throw new ArgumentError("position", "nothing without tokens", position);
  if (!tokens && classes && metric === "logit-diff")
    throw new ArgumentError("tokens", `two classes of ${name}: ${head.labels.join(", ")}`, "nothing");
  if (position !== undefined && head.kind === "sequence-classification")
    throw new ArgumentError("position", `none for ${name}, which classifies whole texts`, position);
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
  const read = model.encoder ? targetsOf(corpus) : corpus;
  return isOfPairs(metric) || isWritten(metric) || model.head.kind === "sequence-classification"
    ? focusSentences(passages, read, concept)
    : focusTokens(passages, read, model.head, concept);
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
