/**
 * What users may call. Importing this opens no device, and loads little: every function's code comes at its first call.
 *
 * @module neurometry
 */

import type { ActivationSource } from "./activations/source.js";

export type { ActivationSource, Block } from "./activations/source.js";
export { ArgumentError, DeviceError, FileError, KernelError } from "./core/errors.js";
export type { Corpus } from "./corpus/corpus.js";
export type { RowTable } from "./corpus/rows.js";
export { textCorpus } from "./corpus/text-corpus.js";
export type { Device } from "./device/device.js";
export type { Explanation } from "./methods/corpus/explanation.js";
export type { Evaluation, Grouping, Ranking } from "./methods/result.js";
export { top } from "./methods/top.js";
export { intervene } from "./model/intervene.js";
export type { Intervention, NeuronRows, NeuronValues } from "./model/interventions.js";
export type { Model } from "./model/model.js";

/** Opens a device: `auto` (a hardware GPU if there is one, else native), `native`, `webgpu`, or `webgpu:NAME`. */
export const openDevice = later(async () => (await import("./device/select.js")).openDevice);

/** Everything found on this machine, what `auto` would choose, and why something is not usable. */
export const listDevices = later(async () => (await import("./device/select.js")).listDevices);

/** Opens a model: a directory in the Hugging Face layout, or a hub id. */
export const loadModel = later(async () => (await import("./model/load.js")).loadModel);

/** Runs a model and brings the activations of some sites to the host, for patching or resampling. */
export const capture = later(async () => (await import("./model/capture.js")).capture);

/** Continues texts, with neurons changed while they are written. */
export const generate = later(async () => (await import("./model/generate.js")).generate);

/** Reads a corpus: CoNLL-U, plain text, CSV or TSV. */
export const readCorpus = later(async () => (await import("./corpus/read.js")).readCorpus);

/** Tokenises a sentence and finds the tokens of its words. */
export const readSentence = later(async () => (await import("./corpus/word-positions.js")).readSentence);

/** Reads a file as one text, line ends too, for a recurrent model whose state is carried on. */
export const readWholeText = later(async () => (await import("./corpus/whole-text.js")).readWholeText);

/** Reads labels of rows: `.npy`, or text with one a line. */
export const readLabels = later(async () => (await import("./corpus/labels.js")).readLabels);

/** A live model over a corpus, as a source. */
export const activations = later(async () => (await import("./activations/live.js")).activations);

/** The mean of every neuron of a source, for interventions. */
export const meanOf = later(async () => (await import("./activations/neuron-values.js")).meanOf);

/** The population standard deviation of every neuron of a source. */
export const deviationOf = later(async () => (await import("./activations/neuron-values.js")).deviationOf);

/** A quantile of every neuron of a source. */
export const quantileOf = later(async () => (await import("./activations/neuron-values.js")).quantileOf);

/** All rows of a source in memory, to draw from. */
export const rowsOf = later(async () => (await import("./activations/neuron-values.js")).rowsOf);

/** Reads directions, which `ablate` projects off: `.npy`, or whatever else activations are read from, one a row. */
export const readDirections = later(async () => (await import("./activations/directions.js")).readDirections);

/** Opens activations that are on disk: a store, `.npy`, `.safetensors`, or NeuroX `.json` and `.hdf5`. */
export const openSource = later(async () => (await import("./activations/open.js")).openSource);

/** Writes a source to a store directory. */
export const writeStore = later(async () => (await import("./activations/store-writer.js")).writeStore);

/** Writes a source to one file, of the format that its name ends in. */
export const exportActivations = later(async () => (await import("./activations/export.js")).exportActivations);

/** Reads a result from its JSON file. */
export const readResult = later(async () => (await import("./methods/result-file.js")).readResult);

/** Writes a result to a JSON file. */
export const writeResult = later(async () => (await import("./methods/result-file.js")).writeResult);

/** The rows on which each neuron is largest and smallest. */
export const contexts = later(async () => (await import("./methods/corpus/contexts.js")).contexts);

/** Clusters of a source's rows as concepts of the model's own, named by their most typical words and tag. */
export const proposeConcepts = ofSource(async () => (await import("./methods/corpus/row-clusters.js")).proposeConcepts);

/** For every neuron the words, word pieces and phrases that it answers to when it reads nothing else. */
export const alignConcepts = later(async () => (await import("./methods/corpus/replicated-text.js")).alignConcepts);

/** The n-grams of tokens that make neurons as large as possible, by search. */
export const maximize = later(async () => (await import("./methods/corpus/maximize.js")).maximize);

/** For every neuron the formula of concepts that says best where it is on. */
export const explain = ofSource(async () => (await import("./methods/corpus/explain.js")).explain);

/** Tokens of a text or a corpus with a neuron's values, for display. */
export const strips = later(async () => (await import("./methods/visualization/strips.js")).strips);

/** The tokens whose logits neurons raise and lower most. */
export const logitLens = later(async () => (await import("./methods/visualization/logit-lens.js")).logitLens);

/** One self-contained HTML page with results. */
export const report = later(async () => (await import("./reports/report.js")).report);

/** Methods that give every neuron a score and a place: `(source, options, { signal, onProgress })`. */
export const rank = {
  averagePrecision: ofSource(async () => (await import("./methods/corpus/average-precision.js")).averagePrecision),
  iou: ofSource(async () => (await import("./methods/corpus/iou.js")).iou),
  spearman: ofSource(async () => (await import("./methods/corpus/spearman.js")).spearman),
  probeless: ofSource(async () => (await import("./methods/probing/probeless.js")).probeless),
  variance: ofSource(async () => (await import("./methods/visualization/variance.js")).variance),
  skew: ofSource(async () => (await import("./methods/visualization/skew.js")).skew),
  kurtosis: ofSource(async () => (await import("./methods/visualization/kurtosis.js")).kurtosis),
  dead: ofSource(async () => (await import("./methods/visualization/dead.js")).dead),
  saturation: ofSource(async () => (await import("./methods/visualization/saturation.js")).saturation),
  conditionalVariance: ofSource(
    async () => (await import("./methods/visualization/conditional-variance.js")).conditionalVariance,
  ),
  position: ofSource(async () => (await import("./methods/visualization/position.js")).position),
  sparsity: ofSource(async () => (await import("./methods/visualization/sparsity.js")).sparsity),
} as const;

/** Methods that give every neuron a group. */
export const group = {
  correlationClusters: ofSource(
    async () => (await import("./methods/unsupervised/correlation-clusters.js")).correlationClusters,
  ),
} as const;

/** Methods that match the neurons of several sources over the same rows: `([first, ...others], options, context)`. */
export const compare = {
  maxCorrelation: ofSources(async () => (await import("./methods/unsupervised/max-correlation.js")).maxCorrelation),
  minCorrelation: ofSources(async () => (await import("./methods/unsupervised/min-correlation.js")).minCorrelation),
} as const;

/** Takes neurons away in a model and measures what becomes worse: each in turn, or by a ranking. */
export const ablate = {
  each: later(async () => (await import("./methods/causal/ablate-each.js")).ablateEach),
  planEach: later(async () => (await import("./methods/causal/plan-each.js")).planEach),
  ranking: later(async () => (await import("./methods/causal/ablate-ranking.js")).ablateRanking),
} as const;

/** What a model is worth on a corpus: its loss, how often it is right, or how often it prefers the right one of a pair. */
export const evaluate = {
  loss: later(async () => (await import("./evaluation/loss.js")).loss),
  accuracy: later(async () => (await import("./evaluation/accuracy.js")).accuracy),
  minimalPairs: later(async () => (await import("./evaluation/pairs.js")).minimalPairs),
  agreement: later(async () => (await import("./evaluation/pairs.js")).agreement),
} as const;

/** A source, or the promise of one: `activations` gives a promise, since it tokenises the corpus first. */
export type Awaitable<T> = T | Promise<T>;

/** A function whose code is loaded when it is first called. */
function later<Given extends unknown[], Result>(
  load: () => Promise<(...given: Given) => Promise<Result>>,
): (...given: Given) => Promise<Result> {
  return async (...given) => await (await load())(...given);
}

/** The same for a method, which also waits for its source: a program reads `rank.iou(activations(model, corpus), …)`. */
function ofSource<Rest extends unknown[], Result>(
  load: () => Promise<(source: ActivationSource, ...rest: Rest) => Promise<Result>>,
): (source: Awaitable<ActivationSource>, ...rest: Rest) => Promise<Result> {
  return async (source, ...rest) => await (await load())(await source, ...rest);
}

/** The same for a method of several sources. */
function ofSources<Rest extends unknown[], Result>(
  load: () => Promise<(sources: readonly [ActivationSource, ...ActivationSource[]], ...rest: Rest) => Promise<Result>>,
): (
  sources: readonly [Awaitable<ActivationSource>, ...Awaitable<ActivationSource>[]],
  ...rest: Rest
) => Promise<Result> {
  return async ([first, ...others], ...rest) =>
    await (await load())([await first, ...(await Promise.all(others))], ...rest);
}
