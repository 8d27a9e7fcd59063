/** The columns first … first + count − 1, one run each. */
export function transpose(x: Float32Array, columns: number, first: number, count: number): number[] {
  const rows = x.length / columns;
  return Array.from({ length: count }, (_, c) =>
    Array.from({ length: rows }, (_, row) => x[row * columns + first + c]!),
  ).flat();
}
