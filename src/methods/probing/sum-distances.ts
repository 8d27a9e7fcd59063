/**
 * The distances of every number to all others of its row, Σ_z' |q_z − q_z'|, in O(count · log count) a row.
 *
 * @param values rows of `count` numbers
 * @returns as many sums
 */
export function sumDistances(values: Float64Array, count: number): Float64Array {
  const sums = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += count) {
    const order = Uint32Array.from({ length: count }, (_, i) => start + i).sort((a, b) => values[a]! - values[b]!);
    let below = 0;
    let above = order.reduce((sum, i) => sum + values[i]!, 0);
    order.forEach((i, rank) => {
      const value = values[i]!;
      above -= value;
      sums[i] = Math.max(0, value * rank - below + above - value * (count - 1 - rank));
      below += value;
    });
  }
  return sums;
}
