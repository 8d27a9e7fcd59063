import type { DeviceBuffer } from "../device/device.js";
import type { Parameter, Value } from "../device/plan.js";
import { addKernel } from "../kernels/add.js";
import { changedProductKernel } from "../kernels/changed-product.js";
import { layouts, type PreparedWeight, prepareWeight } from "../kernels/pack.js";
import { productKernel, productOptions } from "../kernels/product.js";
import { type Activation, fusedActivation, recordActivation } from "./activation.js";
import type { Recording } from "./recording.js";
import type { Staged, Weights } from "./weights.js";

/** x · W + b on a device, its weight packed for products. */
export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: PreparedWeight;
  readonly bias: DeviceBuffer | null;
}

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

/** What a product does besides. */
export interface LinearEpilogue {
  readonly activation?: Activation;
  /** Added after the activation. */
  readonly residual?: Value;
  /** Where the result goes; left out: new memory. */
  readonly out?: Value;
  /** Rows that are computed; left out: all tokens. */
  readonly rows?: Parameter | number;
}

/** Records activation(x · W + b) + residual: rows × outputs. */
export function recordLinear(run: Recording, x: Value, linear: Linear, epilogue: LinearEpilogue = {}): Value {
  if (goesOnFromTexts(run, x, epilogue)) return recordChanged(run, x, linear, epilogue.residual);
  const { activation = "identity", residual, rows = run.tokens } = epilogue;
  const { inputs, outputs, weight, bias } = linear;
  const fused = fusedActivation(activation);
  const out = epilogue.out ?? run.temporary(outputs, run.recorder.here(x).shape[0]!);
  run.recorder.record(
    productKernel,
    {
      a: x,
      b: weight.value(run.recorder),
      ...(bias && { bias: run.constant(bias, [outputs]) }),
      ...(residual && fused && { residual }),
      out,
    },
    { rows, inner: inputs, columns: outputs },
    productOptions({ layout: weight.layout, activation: fused ?? "none" }),
  );
  if (fused) return out;
  recordActivation(run, out, activation, rows);
  if (residual) run.recorder.record(addKernel, { y: residual, out }, { rows, width: outputs, scale: 1 });
  return out;
}

/** Whether a linear map is to be computed of the texts, and then only what differs in their copies. */
function goesOnFromTexts(run: Recording, x: Value, { activation, residual, out, rows }: LinearEpilogue): boolean {
  if (!run.recorder.differsLittle(x) || (residual && !run.recorder.isOfFirst(residual))) return false;
  const all = rows === undefined || (typeof rows === "object" && rows.parameter === run.tokens.parameter);
  return all && out === undefined && (activation ?? "identity") === "identity";
}

/** Records x · W + b + residual of copies that differ from their texts in few columns of x, by those columns alone. */
function recordChanged(run: Recording, x: Value, linear: Linear, residual?: Value): Value {
  const { recorder } = run;
  const { inputs: inner, outputs: columns, weight } = linear;
  const { known, sourceRows } = run.ofTexts(() => {
    return { known: recordLinear(run, x, linear, residual && { residual }), sourceRows: run.tokens };
  });
  const a = recorder.here(x);
  const out = run.temporary(columns, a.shape[0]!);
  recorder.recordAcross(
    changedProductKernel,
    { a, before: x, known, index: recorder.origin!, b: weight.value(recorder), out },
    { rows: run.tokens, inner, columns, sourceRows, changed: recorder.parameter("changed columns") },
    { weightLayout: layouts[weight.layout] },
  );
  return out;
}
