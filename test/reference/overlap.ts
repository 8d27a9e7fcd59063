/** How many columns two rows of booleans share, for every pair of rows. */
export function overlap(a: readonly boolean[][], b: readonly boolean[][]): number[] {
  return a.flatMap((rowA) => b.map((rowB) => rowA.filter((on, k) => on && rowB[k]).length));
}
