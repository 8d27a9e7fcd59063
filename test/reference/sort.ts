/** The rows of one column by descending value, equal values in the order of their rows. */
export function sort(column: Float32Array): number[] {
  return [...column.keys()].sort((a, b) => column[b]! - column[a]! || a - b);
}
