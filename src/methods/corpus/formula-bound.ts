/** What is known of a formula F against a mask N, and of each concept c against both. */
export interface FormulaCounts {
  readonly mask: number;
  /** |F ∧ N| and |F ∖ N|. */
  readonly inside: number;
  readonly outside: number;
  /** |c ∧ N| and |c ∖ N| of each concept. */
  readonly shared: Uint32Array;
  readonly strangers: Uint32Array;
  /** |F ∧ c ∧ N| and |(F ∖ N) ∧ c| of each concept. */
  readonly insideBoth: Uint32Array;
  readonly outsideBoth: Uint32Array;
}

/**
 * The largest score that any formula can have that extends F by 1 to `more` concepts; at least the true one.
 *
 * Rows of N come only with F ∨ c, at most |c ∧ N ∖ F| with each where no F ∧ c took rows away. Rows outside N leave with
 * F ∧ ¬c, at most |(F ∖ N) ∧ c| with each, or with F ∧ c, which keeps at most |F ∧ c ∧ N| rows of N.
 *
 * @param worth what an IoU is multiplied by with each number of concepts more: worth[0] for one
 */
export function boundExtensions(counts: FormulaCounts, more: number, worth: readonly number[]): number {
  const { mask, inside, outside, shared, insideBoth, outsideBoth } = counts;
  const gains = largestSums(more, shared.length, (c) => shared[c]! - insideBoth[c]!);
  const losses = largestSums(more, shared.length, (c) => outsideBoth[c]!);
  const others = largestSums(more, shared.length, (c) => shared[c]!);
  let kept = 0;
  for (const rows of insideBoth) kept = Math.max(kept, rows);
  let bound = 0;
  for (let used = 1; used <= more; used++) {
    let best = Math.min(mask, kept + others[used - 1]!) / mask;
    for (let joined = 0; joined <= used; joined++) {
      const reached = Math.min(mask, inside + gains[joined]!);
      best = Math.max(best, reached / (mask + Math.max(0, outside - losses[used - joined]!)));
    }
    bound = Math.max(bound, best * worth[used - 1]!);
  }
  return bound;
}

/** The sums of the 0, 1, … `most` largest of `count` values. */
export function largestSums(most: number, count: number, value: (i: number) => number): number[] {
  const largest: number[] = [];
  for (let i = 0; i < count; i++) {
    const own = value(i);
    if (largest.length === most && own <= largest[most - 1]!) continue;
    let at = Math.min(largest.length, most - 1);
    while (at > 0 && largest[at - 1]! < own) at--;
    largest.splice(at, 0, own);
    if (largest.length > most) largest.pop();
  }
  const sums = [0];
  for (let i = 0; i < most; i++) sums.push(sums[i]! + (largest[i] ?? 0));
  return sums;
}
