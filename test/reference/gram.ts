/** Σ_t (x[t, i] − mean_i)(y[t, j] − mean_j) in float64 and two passes, straight from the definition. */
export function gram(x: readonly Float64Array[], y: readonly Float64Array[]): number[][] {
  const centred = (column: Float64Array) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return column.map((value) => value - mean);
  };
  const right = y.map(centred);
  return x.map(centred).map((a) => right.map((b) => a.reduce((sum, value, t) => sum + value * b[t]!, 0)));
}

/** Pearson's r from its definition; 0 where a column is constant. */
export function correlation(x: readonly Float64Array[], y: readonly Float64Array[]): number[][] {
  const squares = (columns: readonly Float64Array[]) => columns.map((column) => gram([column], [column])[0]![0]!);
  const [a, b] = [squares(x), squares(y)];
  return gram(x, y).map((row, i) => row.map((value, j) => (a[i]! && b[j]! ? value / Math.sqrt(a[i]! * b[j]!) : 0)));
}
