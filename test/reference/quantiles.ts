/** The (⌊share · rows⌋ + 1)-th largest value of every column, by sorting it. */
export function quantiles(x: Float32Array, columns: number, share: number): number[] {
  const rows = x.length / columns;
  return Array.from({ length: columns }, (_, column) => {
    const values = Array.from({ length: rows }, (_, row) => x[row * columns + column]!);
    return values.sort((a, b) => b - a)[Math.floor(share * rows + 1e-9)]! + 0;
  });
}
