import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Layer normalisation of every row of x, or of x + residual (Ba, Kiros and Hinton 2016):
 * (x − mean) / √(variance + epsilon) · weight + bias.
 *
 * `sum` receives x + residual where it is given: the residual stream of models that normalise first.
 */
export const layerNormKernel = describeKernel({
  name: "layer-norm",
  operands: {
    x: { type: "f32", access: "read" },
    residual: { type: "f32", access: "read", optional: true },
    weight: { type: "f32", access: "read" },
    bias: { type: "f32", access: "read", optional: true },
    sum: { type: "f32", access: "write", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", epsilon: "f32" },
  groups: ({ rows }) => rows,
  axes: { rows: { x: 0, residual: 0, sum: 0, out: 0 } },
});

export interface LayerNormInput {
  /** rows × width. */
  readonly x: Float32Array;
  /** Added to x first; as large as x. */
  readonly residual?: Float32Array;
  /** width numbers. */
  readonly weight: Float32Array;
  readonly bias?: Float32Array;
}

/** Layer normalisation of rows; a constant row gives `bias`. @returns rows × width values */
export async function layerNorm(
  device: Device,
  { x, residual, weight, bias }: LayerNormInput,
  epsilon = 1e-5,
): Promise<Float32Array> {
  const width = weight.length;
  const rows = Math.floor(x.length / width);
  const { out } = await runOnce(
    device,
    layerNormKernel,
    {
      x: given(x, [rows, width], "x"),
      ...(residual && { residual: given(residual, [rows, width], "residual") }),
      weight: given(weight, [width]),
      ...(bias && { bias: given(bias, [width], "bias") }),
      out: wanted("f32", [rows, width]),
    },
    { rows, width, epsilon },
  );
  return out as Float32Array;
}
