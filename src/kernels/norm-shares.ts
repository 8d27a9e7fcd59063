import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * What the norm of a weighted sum of rows has of each of them, but for their means and the norm's weights (norm-parts):
 *
 *     shares[i, t] = before[i, t] / σ(x[i])
 *
 * x[i] being the sum, and `before` its first `weights` weights; all others are 1. σ is √(variance + epsilon), or √(mean square + epsilon)
 * where option `centred` is 0: that of a layer norm, or of an RMS norm.
 */
export const normSharesKernel = describeKernel({
  name: "norm-shares",
  operands: {
    x: { type: "f32", access: "read" },
    before: { type: "f32", access: "read", optional: true },
    shares: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", terms: "u32", weights: "u32", epsilon: "f32" },
  options: ["centred"],
  groups: ({ rows }) => rows,
  axes: { rows: { x: 0, before: 0, shares: 0 } },
});

export interface NormSharesInput {
  /** rows × width: the sums. */
  readonly x: Float32Array;
  readonly width: number;
  /** rows × weights. */
  readonly before?: Float32Array;
  /** How many rows each is the sum of; as many as there are weights where left out. */
  readonly terms?: number;
  readonly norm: "layer" | "rms";
}

/** Shares of a norm. @returns rows × terms factors @throws ArgumentError for weights of another number of rows */
export async function normShares(
  device: Device,
  { x, width, before, norm, terms: asked }: NormSharesInput,
  epsilon = 1e-5,
): Promise<Float32Array> {
  const rows = Math.floor(x.length / width);
  if (rows === 0) return new Float32Array(0);
  const weights = before ? Math.floor(before.length / rows) : 0;
  const terms = asked ?? Math.max(1, weights);
  const operands = {
    x: given(x, [rows, width], "x"),
    ...(before && { before: given(before, [rows, weights], "before") }),
    shares: wanted("f32", [rows, terms]),
  };
  const sizes = { rows, width, terms, weights, epsilon };
  const { shares } = await runOnce(device, normSharesKernel, operands, sizes, { centred: norm === "layer" ? 1 : 0 });
  return shares as Float32Array;
}
