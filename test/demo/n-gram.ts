/**
 * An n-gram model with interpolated Kneser–Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999):
 * p(w | h) = (max(c(h w) − D, 0) + D · N(h •) · p(w | h′)) / c(h •), h′ = h without its first token, where
 * the counts of all orders but the highest are those of distinct preceding tokens. D = n1 / (n1 + 2 n2) per order.
 */
export class NGram {
  readonly #order: number;
  readonly #vocabulary: number;
  readonly #levels: Level[];

  /** @param sequences token numbers below `vocabulary`; every sequence stands alone */
  constructor(sequences: Iterable<readonly number[]>, order: number, vocabulary: number) {
    this.#order = order;
    this.#vocabulary = vocabulary;
    this.#levels = Array.from({ length: order }, () => new Level());
    for (const sequence of sequences) this.#count(sequence);
    for (const level of this.#levels) level.finish();
  }

  /** Mean −ln p, in nats, of every token but the first of each sequence. */
  loss(sequences: Iterable<readonly number[]>): number {
    let sum = 0;
    let tokens = 0;
    for (const sequence of sequences) {
      for (let i = 1; i < sequence.length; i++) sum -= Math.log(this.#probability(sequence, i, this.#order));
      tokens += sequence.length - 1;
    }
    return sum / tokens;
  }

  #count(sequence: readonly number[]): void {
    for (let i = 1; i < sequence.length; i++) {
      for (let length = Math.min(this.#order, i + 1); length >= 1; length--) {
        const context = sequence.slice(i - length + 1, i).join(" ");
        const fresh = this.#levels[length - 1]!.add(context, sequence[i]!);
        if (!fresh) break;
      }
    }
  }

  #probability(sequence: readonly number[], i: number, length: number): number {
    if (length === 0) return 1 / this.#vocabulary;
    const lower = this.#probability(sequence, i, length - 1);
    if (length > i + 1) return lower;
    return this.#levels[length - 1]!.interpolate(sequence.slice(i - length + 1, i).join(" "), sequence[i]!, lower);
  }
}

/** The counts of one order. */
class Level {
  readonly #contexts = new Map<string, Map<number, number>>();
  readonly #totals = new Map<string, number>();
  #discount = 0;

  /** Adds one occurrence, and says whether it was the first. */
  add(context: string, token: number): boolean {
    const followers = this.#contexts.get(context) ?? new Map<number, number>();
    this.#contexts.set(context, followers);
    const before = followers.get(token) ?? 0;
    followers.set(token, before + 1);
    this.#totals.set(context, (this.#totals.get(context) ?? 0) + 1);
    return before === 0;
  }

  finish(): void {
    let once = 0;
    let twice = 0;
    for (const followers of this.#contexts.values()) {
      for (const count of followers.values()) {
        if (count === 1) once++;
        if (count === 2) twice++;
      }
    }
    this.#discount = once + twice === 0 ? 0.75 : once / (once + 2 * twice);
  }

  interpolate(context: string, token: number, lower: number): number {
    const followers = this.#contexts.get(context);
    if (followers === undefined) return lower;
    const count = followers.get(token) ?? 0;
    const kept = Math.max(count - this.#discount, 0);
    return (kept + this.#discount * followers.size * lower) / this.#totals.get(context)!;
  }
}
