/** How much concepts can do to a formula F against a mask N, sums over the best 0, 1, … concepts. */
export interface Reach {
  /** |F ∧ N| and |F ∖ N|. */
  readonly inside: number;
  readonly outside: number;
  /** At most so many rows of N come with that many F ∨ c, and so many others leave with that many F ∧ ¬c. */
  readonly gains: readonly number[];
  readonly losses: readonly number[];
  /** At most so many rows of N are left by one F ∧ c. */
  readonly kept: number;
}

/** What holds of all formulas for one mask. */
export class MaskBounds {
  readonly #mask: number;
  /** Sums of the largest |c ∧ N|. */
  readonly #shared: readonly number[];
  /** For 1, 2, … concepts whose largest |c ∖ N| is `outside`: the largest sum of their |c ∧ N|. */
  readonly #joined: readonly (readonly { readonly outside: number; readonly inside: number }[])[];

  /**
   * @param shared |c ∧ N| of each concept
   * @param strangers |c ∖ N| of each
   */
  constructor(mask: number, shared: Uint32Array, strangers: Uint32Array, length: number) {
    this.#mask = mask;
    this.#shared = largestSums(length, shared.length, (c) => shared[c]!);
    const order = [...shared.keys()].sort((a, b) => strangers[a]! - strangers[b]!);
    this.#joined = Array.from({ length }, (_, i) =>
      order.flatMap((c, at) => {
        const first = order.slice(0, at);
        const others = largestSums(i, first.length, (other) => shared[first[other]!]!)[i]!;
        return [{ outside: strangers[c]!, inside: shared[c]! + others }];
      }),
    );
  }

  /**
   * The largest score that any formula can have that extends F by 1 to `more` concepts; at least the true one.
   *
   * Without F ∧ c, rows of N come only with F ∨ c and rows outside N leave only with F ∧ ¬c. The last F ∧ c leaves no more
   * rows of N than c has; each F ∨ c behind it brings c's rows outside N along, unless some F ∧ ¬c takes them away.
   *
   * @param worth what an IoU is multiplied by with each number of concepts more: worth[0] for one
   */
  bound(reach: Reach, more: number, worth: readonly number[]): number {
    let bound = 0;
    for (let used = 1; used <= more; used++) {
      bound = Math.max(bound, Math.max(this.#withoutAnd(reach, used), this.#withAnd(reach, used)) * worth[used - 1]!);
    }
    return bound;
  }

  #withoutAnd({ inside, outside, gains, losses }: Reach, used: number): number {
    let best = 0;
    for (let joined = 0; joined <= used; joined++) {
      const reached = Math.min(this.#mask, inside + gains[joined]!);
      best = Math.max(best, reached / (this.#mask + Math.max(0, outside - losses[used - joined]!)));
    }
    return best;
  }

  #withAnd({ kept }: Reach, used: number): number {
    let best = 0;
    for (let behind = 0; behind < used; behind++) {
      const left = Math.min(this.#shared[1] ?? 0, kept + this.#shared[used - 1 - behind]!);
      const removing = Math.min(this.#mask, left + this.#shared[Math.max(0, behind - 1)]!) / this.#mask;
      best = Math.max(best, removing);
      for (const { outside, inside } of behind > 0 ? this.#joined[behind - 1]! : []) {
        best = Math.max(best, Math.min(this.#mask, left + inside) / (this.#mask + outside));
      }
    }
    return best;
  }

  /** What concepts can do to an extension of F with these counts, from what they can do to F. */
  after(reach: Reach, inside: number, outside: number): Reach {
    const [lost, added] = [Math.max(0, reach.inside - inside), Math.max(0, inside - reach.inside)];
    const brought = Math.max(0, outside - reach.outside);
    return {
      inside,
      outside,
      gains: reach.gains.map((rows, i) => Math.min(this.#shared[i]!, rows + (i === 0 ? 0 : lost))),
      losses: reach.losses.map((rows, i) => rows + (i === 0 ? 0 : brought)),
      kept: Math.min(inside, reach.kept + added),
    };
  }
}

/** The sums of the 0, 1, … `most` largest of `count` values. */
export function largestSums(most: number, count: number, value: (i: number) => number): number[] {
  const largest: number[] = [];
  for (let i = 0; most > 0 && i < count; i++) {
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
