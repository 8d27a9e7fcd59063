/** Per column: the other columns with the largest |r|, strongest first, and the signed r; numbers where one is asked for. */
export interface Matched {
  readonly columns: readonly (number | readonly number[])[];
  readonly r: readonly (number | readonly number[])[];
}

/**
 * The `top` strongest of every row of correlations by |r|; of equally strong ones the lower column comes first.
 *
 * @param r rows × others
 * @returns also the largest |r| of every row
 */
export function strongestMatches(
  r: Float32Array,
  others: number,
  top: number,
): Matched & { readonly strongest: Float64Array } {
  const rows = r.length / others;
  const best = Array.from({ length: rows }, (_, i) => strongestOf(r.subarray(i * others, (i + 1) * others), top));
  const signed = best.map((columns, i) => columns.map((column) => r[i * others + column]!));
  const plain = <T>(list: readonly T[]): T | readonly T[] => (top === 1 ? list[0]! : list);
  return {
    columns: best.map(plain),
    r: signed.map(plain),
    strongest: Float64Array.from(signed, ([first]) => Math.abs(first!)),
  };
}

/** Columns by descending |r|, kept in a list that is never longer than `top`. */
function strongestOf(r: Float32Array, top: number): readonly number[] {
  const kept: number[] = [];
  for (let column = 0; column < r.length; column++) {
    const size = Math.abs(r[column]!);
    if (kept.length === top && size <= Math.abs(r[kept[top - 1]!]!)) continue;
    let at = kept.length;
    while (at > 0 && Math.abs(r[kept[at - 1]!]!) < size) at--;
    kept.splice(at, 0, column);
    if (kept.length > top) kept.pop();
  }
  return kept;
}
