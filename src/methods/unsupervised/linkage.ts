/** Two clusters that become one, named by the lowest member of each; `into` < `other`. */
export interface Merge {
  readonly into: number;
  readonly other: number;
  readonly distance: number;
}

/** Distances of all pairs of `count` things: count × count, symmetric. */
export interface PairDistances {
  readonly count: number;
  /** float32, as correlations are: means of distances are right to 1e-6. */
  readonly values: Float32Array;
}

/**
 * Average linkage (UPGMA): the distance of two clusters is the mean distance of their members. By chains of nearest
 * neighbours (Benzécri 1982), in O(count²) steps; of equal distances the one to the lower cluster counts, so the same
 * distances give the same merges.
 *
 * @param distances overwritten
 * @returns count − 1 merges, nearest first
 */
export function averageLinkage(distances: PairDistances): Merge[] {
  const { count } = distances;
  const sizes = new Float64Array(count).fill(1);
  const alive = Uint32Array.from({ length: count }, (_, i) => i);
  const state: State = { ...distances, sizes, alive, left: count };
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

interface State extends PairDistances {
  readonly sizes: Float64Array;
  /** The clusters that are left, by their lowest members, in ascending order; the first `left` count. */
  readonly alive: Uint32Array;
  left: number;
}

/** The nearest cluster of `tip`: of equally near ones `preferred`, else the lowest. */
function nearest(
  { values, count, alive, left }: State,
  tip: number,
  preferred: number | undefined,
): { readonly near: number; readonly distance: number } {
  const row = values.subarray(tip * count, (tip + 1) * count);
  let near = -1;
  let distance = Infinity;
  for (let k = 0; k < left; k++) {
    const i = alive[k]!;
    const found = row[i]!;
    if (i !== tip && (found < distance || (found === distance && i === preferred))) {
      near = i;
      distance = found;
    }
  }
  return { near, distance };
}

/** Makes one cluster of two: its distance to each other cluster is the mean over both, by their sizes. */
function join(state: State, into: number, other: number): void {
  const { values, count, sizes, alive } = state;
  const near = values.subarray(into * count, (into + 1) * count);
  const far = values.subarray(other * count, (other + 1) * count);
  const total = sizes[into]! + sizes[other]!;
  const share = sizes[other]! / total;
  let kept = 0;
  for (let k = 0; k < state.left; k++) {
    const i = alive[k]!;
    if (i === other) continue;
    alive[kept++] = i;
    const mean = near[i]! + (far[i]! - near[i]!) * share;
    near[i] = mean;
    values[i * count + into] = mean;
  }
  sizes[into] = total;
  state.left = kept;
}
