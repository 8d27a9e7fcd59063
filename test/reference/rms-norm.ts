import type { RmsNormInput } from "../../src/kernels/rms-norm.js";

/** Root mean square normalisation in float64, straight from the definition; a segment is as wide as the weight. */
export function rmsNorm({ x, residual, weight }: RmsNormInput, epsilon: number): number[] {
  const width = weight.length;
  return Array.from({ length: x.length / width }, (_, segment) => {
    const values = Array.from(weight, (_, c) => x[segment * width + c]! + (residual?.[segment * width + c] ?? 0));
    const square = values.reduce((sum, value) => sum + value * value, 0) / width;
    return values.map((value, c) => (value / Math.sqrt(square + epsilon)) * weight[c]!);
  }).flat();
}
