/** The rows of each column by sign · value, the largest first, ties to the lower row; the first `count` of them. */
export function extremeRows(x: Float32Array, columns: number, count: number, sign: 1 | -1) {
  const height = columns === 0 ? 0 : x.length / columns;
  return Array.from({ length: columns }, (_, column) => {
    const rows = Array.from({ length: height }, (_, row) => row);
    const value = (row: number) => x[row * columns + column]!;
    rows.sort((a, b) => sign * (value(b) - value(a)) || a - b);
    const first = rows.slice(0, count);
    return { rows: Uint32Array.from(first), values: Float32Array.from(first, value) };
  });
}
