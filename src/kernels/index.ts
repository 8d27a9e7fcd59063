/**
 * Every kernel as one checked call, for people who measure throughput: `(device, typed arrays)` → typed arrays.
 *
 * @module neurometry/kernels
 */
export { activation } from "./activation.js";
export { add } from "./add.js";
export { attention } from "./attention.js";
export { attentionMix } from "./attention-mix.js";
export { averagePrecision } from "./average-precision.js";
export { bitCounts } from "./bit-counts.js";
export { changedProduct } from "./changed-product.js";
export { classSums } from "./class-sums.js";
export { correlate, gram } from "./correlate.js";
export { divergence } from "./divergence.js";
export { embedding } from "./embedding.js";
export { extremeRows } from "./extreme-rows.js";
export { formulaExtensions } from "./formula-extensions.js";
export { gatherRows } from "./gather-rows.js";
export { gruStep } from "./gru-step.js";
export { intervene } from "./intervene.js";
export { layerNorm } from "./layer-norm.js";
export { lstmStep } from "./lstm-step.js";
export { masks } from "./masks.js";
export { mixLoss } from "./mix-loss.js";
export { mixRows } from "./mix-rows.js";
export { moments } from "./moments.js";
export { normParts } from "./norm-parts.js";
export { normShares } from "./norm-shares.js";
export { iou, overlap } from "./overlap.js";
export { pack } from "./pack.js";
export { poolRows } from "./pool-rows.js";
export { product } from "./product.js";
export { quantiles } from "./quantiles.js";
export { relativeScores } from "./relative-scores.js";
export { rmsNorm } from "./rms-norm.js";
export { rotary } from "./rotary.js";
export { rowDistance } from "./row-distance.js";
export { scaleRows } from "./scale-rows.js";
export { scatterRows } from "./scatter-rows.js";
export { softCap } from "./soft-cap.js";
export { softmax } from "./softmax.js";
export { sortColumns } from "./sort.js";
export { tokenLoss } from "./token-loss.js";
export { topCorrelations } from "./top-correlations.js";
export { transpose } from "./transpose.js";
export { weightRows } from "./weight-rows.js";
