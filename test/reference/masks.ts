/** Masks from the definition: columns of booleans, value > threshold. */
export function masks(x: Float32Array, threshold: Float32Array): boolean[][] {
  const columns = threshold.length;
  return Array.from(threshold, (limit, column) =>
    Array.from({ length: x.length / columns }, (_, row) => x[row * columns + column]! > limit),
  );
}
