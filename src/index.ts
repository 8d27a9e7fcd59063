/**
 * What users may call. Importing this opens no device and loads no format, plot or model code before it is needed.
 *
 * @module neurometry
 */

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
export { openSource } from "./activations/open.js";
export type { ActivationSource, Block } from "./activations/source.js";
export { writeStore } from "./activations/store-writer.js";
export { ArgumentError, DeviceError, FileError, KernelError } from "./core/errors.js";
export type { Corpus } from "./corpus/corpus.js";
export { readLabels } from "./corpus/labels.js";
export { readCorpus } from "./corpus/read.js";
export type { RowTable } from "./corpus/rows.js";
export { textCorpus } from "./corpus/text-corpus.js";
export type { Device } from "./device/device.js";
export { listDevices, openDevice } from "./device/select.js";
export { contexts } from "./methods/corpus/contexts.js";
export type { Evaluation, Grouping, Ranking } from "./methods/result.js";
export { readResult, writeResult } from "./methods/result-file.js";
export { top } from "./methods/top.js";
export { strips } from "./methods/visualization/strips.js";
export { continueGreedily } from "./model/generate.js";
export { loadModel } from "./model/load.js";
export type { Model } from "./model/model.js";

/** Methods that give every neuron a score and a place: `(source, options, { signal, onProgress })`. */
export const rank = {
  averagePrecision,
  iou,
  probeless,
  variance,
  skew,
  kurtosis,
  dead,
  saturated,
  sparsity,
} as const;

/** Methods that give every neuron a group. */
export const group = { correlationClusters } as const;

/** Methods that match the neurons of several sources over the same rows: `([first, ...others], options, context)`. */
export const compare = { maxCorrelation, minCorrelation } as const;

/** Takes neurons away in a model and measures what becomes worse: each in turn, or by a ranking. */
export const ablate = { each: ablateEach, ranking: ablateRanking } as const;

/** One self-contained HTML page with results. */
export const report: typeof writeReport = async (...given) => (await import("./reports/report.js")).report(...given);
