/** The moments of one column from their definitions, in float64. */
export function momentsOfColumn(values: readonly number[]) {
  const rows = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  const central = (order: number) => values.reduce((sum, value) => sum + (value - mean) ** order, 0) / rows;
  const variance = central(2);
  return {
    ...{ mean, variance },
    skewness: variance === 0 ? 0 : central(3) / variance ** 1.5,
    kurtosis: variance === 0 ? 0 : central(4) / variance ** 2 - 3,
  };
}

/** The columns of an array of rows × columns. */
export function columnsOf(x: Float32Array, columns: number): number[][] {
  return Array.from({ length: columns }, (_, column) => {
    return Array.from({ length: x.length / columns }, (_, row) => x[row * columns + column]!);
  });
}
