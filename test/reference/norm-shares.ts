/** before[i, t] / σ(x[i]) of each row x, in float64. */
export function normShares(
  x: Float32Array,
  width: number,
  before: Float32Array,
  norm: "layer" | "rms",
  epsilon: number,
): number[] {
  const rows = x.length / width;
  const terms = before.length / rows;
  return Array.from({ length: rows }, (_, i) => {
    const own = x.subarray(i * width, (i + 1) * width);
    const mean = norm === "layer" ? own.reduce((sum, value) => sum + value, 0) / width : 0;
    const spread = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width + epsilon);
    return Array.from({ length: terms }, (_, t) => before[i * terms + t]! / spread);
  }).flat();
}
