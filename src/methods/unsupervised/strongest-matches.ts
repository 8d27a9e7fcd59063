/** Per column: the other columns with the largest |r|, strongest first, and the signed r; numbers where one is asked for. */
export interface Matched {
  readonly columns: readonly (number | readonly number[])[];
  readonly r: readonly (number | readonly number[])[];
}

/** Also the largest |r| of every row. */
export type Matches = Matched & { readonly strongest: Float64Array };

/** Lists of columns and r, best first, one per neuron; numbers where lists have one place. */
export function listMatches(columns: readonly (readonly number[])[], r: readonly (readonly number[])[]): Matches {
  const plain = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0]! : list);
  return {
    columns: columns.map(plain),
    r: r.map(plain),
    strongest: Float64Array.from(r, ([first]) => Math.abs(first!)),
  };
}

/**
 * The `top` strongest of every row of correlations by |r|; of equally strong ones the lower column comes first.
 *
 * @param r rows × others
 */
export function strongestMatches(r: Float32Array, others: number, top: number): Matches {
  const rows = r.length / others;
  const best = Array.from({ length: rows }, (_, i) => strongestOf(r.subarray(i * others, (i + 1) * others), top));
  return listMatches(
    best,
    best.map((columns, i) => columns.map((column) => r[i * others + column]!)),
  );
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
