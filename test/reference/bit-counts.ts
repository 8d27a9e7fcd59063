/** How many values of every row are true. */
export function bitCounts(rows: readonly boolean[][]): number[] {
  return rows.map((row) => row.filter((on) => on).length);
}
