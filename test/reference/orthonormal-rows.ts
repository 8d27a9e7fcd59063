/** The rows of a matrix, each by what the rows before it leave of it: Gram–Schmidt, number by number. */
export function orthonormalRows(matrix: Float64Array, rows: number): Float64Array {
  const made = matrix.slice();
  const columns = rows === 0 ? 0 : matrix.length / rows;
  const row = (i: number) => made.subarray(i * columns, (i + 1) * columns);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  for (let i = 0; i < rows; i++) {
    const length = Math.sqrt(dot(row(i), row(i)));
    row(i).forEach((value, k) => {
      row(i)[k] = value / length;
    });
    for (let j = i + 1; j < rows; j++) {
      const share = dot(row(i), row(j));
      row(i).forEach((value, k) => {
        row(j)[k]! -= share * value;
      });
    }
  }
  return made;
}
