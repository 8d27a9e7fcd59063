import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Root mean square normalisation of x, or of x + residual (Zhang and Sennrich 2019): x / √(mean(x²) + epsilon) · weight.
 *
 * A row has `segments` pieces of `width` columns, each normalised by itself with the same weight: 1 for whole
 * rows, the number of heads for queries and keys. `sum` receives x + residual where it is given.
 */
export const rmsNormKernel = describeKernel({
  name: "rms-norm",
  operands: {
    x: { type: "f32", access: "read" },
    residual: { type: "f32", access: "read", optional: true },
    weight: { type: "f32", access: "read" },
    sum: { type: "f32", access: "write", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", segments: "u32", epsilon: "f32" },
  groups: ({ rows, segments }) => rows * segments,
  axes: { rows: { x: 0, residual: 0, sum: 0, out: 0 } },
});

export interface RmsNormInput {
  /** rows × (segments · width). */
  readonly x: Float32Array;
  /** Added to x first; as large as x. */
  readonly residual?: Float32Array;
  /** width numbers. */
  readonly weight: Float32Array;
}

/** Root mean square normalisation of every segment of every row; zeros stay zeros. @returns as many values as x has */
export async function rmsNorm(
  device: Device,
  { x, residual, weight }: RmsNormInput,
  { segments = 1, epsilon = 1e-6 }: { readonly segments?: number; readonly epsilon?: number } = {},
): Promise<Float32Array> {
  const width = weight.length;
  const columns = width * segments;
  const rows = Math.floor(x.length / columns);
  const { out } = await runOnce(
    device,
    rmsNormKernel,
    {
      x: given(x, [rows, columns], "x"),
      ...(residual && { residual: given(residual, [rows, columns], "residual") }),
      weight: given(weight, [width]),
      out: wanted("f32", [rows, columns]),
    },
    { rows, width, segments, epsilon },
  );
  return out as Float32Array;
}
