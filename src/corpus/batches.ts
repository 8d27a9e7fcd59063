/**
 * Forms batches of sequences of similar length: shortest first, each of at most `budget` tokens, or of one longer
 * sequence. Sequences of equal length keep their order.
 *
 * @param lengths tokens of every sequence
 * @returns the numbers of the sequences of each batch; together every sequence once
 */
export function formBatches(lengths: ArrayLike<number>, budget: number): number[][] {
  const order = Array.from(lengths, (_, sequence) => sequence).sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const batches: number[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (const sequence of order) {
    if (tokens + lengths[sequence]! > budget) {
      batches.push([]);
      tokens = 0;
    }
    batches.at(-1)!.push(sequence);
    tokens += lengths[sequence]!;
  }
  return batches;
}
