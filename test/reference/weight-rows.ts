/** Row k of inner × columns weights for each k of the index, by the definition. */
export function weightRows(
  index: Uint32Array,
  columns: number,
  weight: (k: number, column: number) => number,
): number[] {
  return [...index].flatMap((k) => Array.from({ length: columns }, (_, column) => weight(k, column)));
}
