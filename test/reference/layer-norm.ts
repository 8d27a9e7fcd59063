import type { LayerNormInput } from "../../src/kernels/layer-norm.js";

/** Layer normalisation in float64, straight from the definition. */
export function layerNorm({ x, residual, weight, bias }: LayerNormInput, epsilon: number): number[] {
  const width = weight.length;
  return Array.from({ length: x.length / width }, (_, row) => {
    const values = Array.from({ length: width }, (_, c) => x[row * width + c]! + (residual?.[row * width + c] ?? 0));
    const mean = values.reduce((sum, value) => sum + value, 0) / width;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    return values.map((value, c) => ((value - mean) / Math.sqrt(variance + epsilon)) * weight[c]! + (bias?.[c] ?? 0));
  }).flat();
}
