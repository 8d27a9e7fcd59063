import type { Value } from "../device/plan.js";
import { type PreparedWeight, prepareWeight } from "../kernels/pack.js";
import { goesOnFromTexts, recordChanged } from "./changed-linear.js";
import { type Linear, type LinearEpilogue, recordProduct } from "./linear-product.js";
import { recordMixed } from "./mixed-linear.js";
import type { Recording } from "./recording.js";
import type { Staged, Weights } from "./weights.js";

export type { Linear } from "./linear-product.js";

/** Where a linear map's numbers come from. */
export interface LinearSource {
  /** Tensors whose outputs stand side by side: the parts of a fused projection. */
  readonly names: readonly string[];
  /** Bias tensors in the same order; left out or empty where there is none. */
  readonly biases?: readonly string[];
  readonly inputs: number;
  /** Outputs of each tensor. */
  readonly outputs: readonly number[];
  /** torch's Linear has a row per output, the default; GPT-2's Conv1D a row per input (one tensor only). */
  readonly layout?: "columns × inner" | "inner × columns";
}

/** Loads a linear map. @throws FileError for a tensor that is missing or of another shape */
export async function loadLinear(weights: Weights, source: LinearSource): Promise<Linear> {
  const { names, biases = [], inputs, outputs, layout = "columns × inner" } = source;
  const columns = outputs.reduce((sum, count) => sum + count, 0);
  const shapes = outputs.map((count) => (layout === "columns × inner" ? [count, inputs] : [inputs, count]));
  const matrix = await weights.stage(names, shapes);
  const weight = packWeight(weights, matrix, { inputs, outputs: columns, layout });
  const bias = biases.length === 0 ? null : await weights.stage(biases, outputs.map((count) => [count])); // biome-ignore format: one line
  if (bias && !bias.kept) weights.keep(bias.buffer);
  await weights.relieve();
  return { inputs, outputs: columns, weight, bias: bias?.buffer ?? null };
}

/** Uploads and packs a linear map that is on the host. */
export function prepareLinear(
  weights: Weights,
  host: {
    readonly matrix: Float32Array;
    readonly bias: Float32Array | null;
    readonly inputs: number;
    readonly outputs: number;
    readonly layout?: "columns × inner" | "inner × columns";
  },
): Linear {
  const { matrix, bias, inputs, outputs, layout = "columns × inner" } = host;
  const staged = { buffer: weights.device.upload(matrix), kept: false };
  const weight = packWeight(weights, staged, { inputs, outputs, layout });
  return { inputs, outputs, weight, bias: bias && weights.keep(weights.device.upload(bias)) };
}

/** Packs a weight where the device wants it packed, and lets go of what it was packed from. */
function packWeight(
  weights: Weights,
  { buffer, kept }: Staged,
  { inputs, outputs, layout }: { inputs: number; outputs: number; layout: "columns × inner" | "inner × columns" },
): PreparedWeight {
  const weight = prepareWeight(weights.device, buffer, { inner: inputs, columns: outputs }, layout);
  if (weight.buffer !== buffer) weights.keep(weight.buffer);
  if (kept) return weight;
  if (weight.buffer === buffer) weights.keep(buffer);
  else weights.keepForNow(buffer);
  return weight;
}

/** Records activation(x · W + b) + residual: rows × outputs. Of copies of texts only what the texts do not give. */
export function recordLinear(run: Recording, x: Value, linear: Linear, epilogue: LinearEpilogue = {}): Value {
  if (goesOnFromTexts(run, x, epilogue)) return recordChanged(run, x, linear, epilogue.residual);
  const descent = run.recorder.descentOf(x);
  if (descent?.kind === "mixed" && descent.normed) return recordMixed(run, x, descent, linear, epilogue);
  return recordProduct(run, x, linear, epilogue);
}
