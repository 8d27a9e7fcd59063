/** (σ(u)/σ(x), difference · σ(w)/σ(x)) of each row x of sums, u and w being the rows of the basis that it names; in float64. */
export function normShares(
  x: Float32Array,
  basis: Float32Array,
  index: Uint32Array,
  difference: Float32Array,
  norm: "layer" | "rms",
  epsilon: number,
): number[] {
  const width = x.length / difference.length;
  const spread = (values: Float32Array, row: number) => {
    const own = values.subarray(row * width, (row + 1) * width);
    const mean = norm === "layer" ? own.reduce((sum, value) => sum + value, 0) / width : 0;
    return Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width + epsilon);
  };
  return [...difference].flatMap((factor, i) => {
    const [u, w, sum] = [spread(basis, index[2 * i]!), spread(basis, index[2 * i + 1]!), spread(x, i)];
    return [u / sum, (factor * w) / sum];
  });
}
