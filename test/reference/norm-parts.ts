/** (x − mean) · weight of each row, or x · weight for an RMS norm, in float64. */
export function normParts(x: Float32Array, weight: Float32Array, norm: "layer" | "rms"): number[] {
  const width = weight.length;
  return Array.from({ length: x.length / width }, (_, i) => {
    const own = x.subarray(i * width, (i + 1) * width);
    const mean = norm === "layer" ? own.reduce((sum, value) => sum + value, 0) / width : 0;
    return Array.from(own, (value, c) => (value - mean) * weight[c]!);
  }).flat();
}
