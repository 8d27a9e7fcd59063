/** Two clusters that become one, named by the lowest member of each; `into` < `other`. */
export interface Merge {
  readonly into: number;
  readonly other: number;
  readonly distance: number;
}

/** Distances of all pairs i < j of `count` things: row i holds those to i + 1 … count − 1, row after row. */
export interface PairDistances {
  readonly count: number;
  readonly values: Float64Array;
}

/** Where row i of pair distances starts, less i + 1: the distance of i < j stands at `rowStart(i) + j`. */
export function rowStart(count: number, i: number): number {
  return i * count - (i * (i + 3)) / 2 - 1;
}

/**
 * Average linkage (UPGMA): the distance of two clusters is the mean distance of their members. By chains of nearest
 * neighbours (Benzécri 1982), in O(count²) steps; of equal distances the one to the lower cluster counts, so the same
 * distances give the same merges.
 *
 * @param distances overwritten: a copy of 4,096² / 2 numbers would cost as much as the rest
 * @returns count − 1 merges, nearest first
 */
export function averageLinkage(distances: PairDistances): Merge[] {
  const { count, values } = distances;
  const sizes = new Float64Array(count).fill(1);
  const starts = Float64Array.from({ length: count }, (_, i) => rowStart(count, i));
  const alive = Uint32Array.from({ length: count }, (_, i) => i);
  const state: State = { values, starts, sizes, alive, left: count };
  const merges: Merge[] = [];
  const chain: number[] = [];
  while (state.left > 1) {
    if (chain.length === 0) chain.push(alive[0]!);
    const tip = chain[chain.length - 1]!;
    const { near, distance } = nearest(state, tip, chain[chain.length - 2]);
    if (near !== chain[chain.length - 2]) {
      chain.push(near);
      continue;
    }
    chain.length -= 2;
    const into = Math.min(tip, near);
    const other = Math.max(tip, near);
    merges.push({ into, other, distance });
    join(state, into, other);
  }
  return merges.sort((a, b) => a.distance - b.distance || a.into - b.into || a.other - b.other);
}

/**
 * The clusters that are there when all merges up to a distance are done.
 *
 * @returns one label per thing, from 0 by the lowest member of each cluster
 */
export function cutMerges(merges: readonly Merge[], count: number, distance: number): Int32Array {
  const parents = Int32Array.from({ length: count }, (_, i) => i);
  for (const merge of merges) if (merge.distance <= distance) parents[merge.other] = merge.into;
  const labels = new Int32Array(count);
  let next = 0;
  for (let i = 0; i < count; i++) labels[i] = parents[i] === i ? next++ : labels[parents[i]!]!;
  return labels;
}

interface State {
  readonly values: Float64Array;
  readonly starts: Float64Array;
  readonly sizes: Float64Array;
  /** The clusters that are left, by their lowest members, in ascending order; the first `left` count. */
  readonly alive: Uint32Array;
  left: number;
}

/** The nearest cluster of `tip`: of equally near ones `preferred`, else the lowest. */
function nearest(
  { values, starts, alive, left }: State,
  tip: number,
  preferred: number | undefined,
): { readonly near: number; readonly distance: number } {
  let near = -1;
  let distance = Infinity;
  const own = starts[tip]!;
  for (let k = 0; k < left; k++) {
    const i = alive[k]!;
    if (i === tip) continue;
    const found = i < tip ? values[starts[i]! + tip]! : values[own + i]!;
    if (found < distance || (found === distance && i === preferred)) [near, distance] = [i, found];
  }
  return { near, distance };
}

/** Makes one cluster of two: its distance to each other cluster is the mean over both, by their sizes. */
function join(state: State, into: number, other: number): void {
  const { values, starts, sizes, alive } = state;
  const [a, b] = [sizes[into]!, sizes[other]!];
  let kept = 0;
  for (let k = 0; k < state.left; k++) {
    const i = alive[k]!;
    if (i === other) continue;
    alive[kept++] = i;
    if (i === into) continue;
    const near = i < into ? starts[i]! + into : starts[into]! + i;
    const far = i < other ? starts[i]! + other : starts[other]! + i;
    values[near] = (a * values[near]! + b * values[far]!) / (a + b);
  }
  sizes[into] = a + b;
  state.left = kept;
}
