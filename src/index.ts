/**
 * What users may call. Importing this opens no device and loads no format, plot or model code before it is needed.
 *
 * @module neurometry
 */

import type { ActivationSource } from "./activations/source.js";
import { ablateEach } from "./methods/causal/ablate-each.js";
import { ablateRanking } from "./methods/causal/ablate-ranking.js";
import { averagePrecision } from "./methods/corpus/average-precision.js";
import { iou } from "./methods/corpus/iou.js";
import { probeless } from "./methods/probing/probeless.js";
import { correlationClusters } from "./methods/unsupervised/correlation-clusters.js";
import { maxCorrelation } from "./methods/unsupervised/max-correlation.js";
import { minCorrelation } from "./methods/unsupervised/min-correlation.js";
import { dead } from "./methods/visualization/dead.js";
import { kurtosis } from "./methods/visualization/kurtosis.js";
import { saturated } from "./methods/visualization/saturated.js";
import { skew } from "./methods/visualization/skew.js";
import { sparsity } from "./methods/visualization/sparsity.js";
import { variance } from "./methods/visualization/variance.js";
import type { report as writeReport } from "./reports/report.js";

export { exportActivations } from "./activations/export.js";
export { activations } from "./activations/live.js";
export { deviationOf, meanOf, quantileOf, rowsOf } from "./activations/neuron-values.js";
export { openSource } from "./activations/open.js";
export type { ActivationSource, Block } from "./activations/source.js";
export { writeStore } from "./activations/store-writer.js";
export { ArgumentError, DeviceError, FileError, KernelError } from "./core/errors.js";
export type { Corpus } from "./corpus/corpus.js";
export { readLabels } from "./corpus/labels.js";
export { readCorpus } from "./corpus/read.js";
export type { RowTable } from "./corpus/rows.js";
export { textCorpus } from "./corpus/text-corpus.js";
export { readSentence } from "./corpus/word-positions.js";
export type { Device } from "./device/device.js";
export { listDevices, openDevice } from "./device/select.js";
export { contexts } from "./methods/corpus/contexts.js";
export type { Evaluation, Grouping, Ranking } from "./methods/result.js";
export { readResult, writeResult } from "./methods/result-file.js";
export { top } from "./methods/top.js";
export { strips } from "./methods/visualization/strips.js";
export { capture } from "./model/capture.js";
export { continueGreedily } from "./model/generate.js";
export { intervene } from "./model/intervene.js";
export type { Intervention, NeuronRows, NeuronValues } from "./model/interventions.js";
export { loadModel } from "./model/load.js";
export type { Model } from "./model/model.js";

/** A source, or the promise of one: `activations` gives a promise, since it tokenises the corpus first. */
export type Awaitable<T> = T | Promise<T>;

/** Lets a method wait for its source, so that a program reads `rank.iou(activations(model, corpus), …)`. */
function waiting<Rest extends unknown[], Result>(
  method: (source: ActivationSource, ...rest: Rest) => Promise<Result>,
): (source: Awaitable<ActivationSource>, ...rest: Rest) => Promise<Result> {
  return async (source, ...rest) => await method(await source, ...rest);
}

/** The same for a method of several sources. */
function waitingForAll<Rest extends unknown[], Result>(
  method: (sources: readonly [ActivationSource, ...ActivationSource[]], ...rest: Rest) => Promise<Result>,
): (
  sources: readonly [Awaitable<ActivationSource>, ...Awaitable<ActivationSource>[]],
  ...rest: Rest
) => Promise<Result> {
  return async ([first, ...others], ...rest) => await method([await first, ...(await Promise.all(others))], ...rest);
}

/** Methods that give every neuron a score and a place: `(source, options, { signal, onProgress })`. */
export const rank = {
  averagePrecision: waiting(averagePrecision),
  iou: waiting(iou),
  probeless: waiting(probeless),
  variance: waiting(variance),
  skew: waiting(skew),
  kurtosis: waiting(kurtosis),
  dead: waiting(dead),
  saturated: waiting(saturated),
  sparsity: waiting(sparsity),
} as const;

/** Methods that give every neuron a group. */
export const group = { correlationClusters: waiting(correlationClusters) } as const;

/** Methods that match the neurons of several sources over the same rows: `([first, ...others], options, context)`. */
export const compare = {
  maxCorrelation: waitingForAll(maxCorrelation),
  minCorrelation: waitingForAll(minCorrelation),
} as const;

/** Takes neurons away in a model and measures what becomes worse: each in turn, or by a ranking. */
export const ablate = { each: ablateEach, ranking: ablateRanking } as const;

/** One self-contained HTML page with results. */
export const report: typeof writeReport = async (...given) => (await import("./reports/report.js")).report(...given);
