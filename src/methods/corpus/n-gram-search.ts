import type { Moves, Proposal } from "./n-gram-moves.js";

/** An n-gram with its value. */
export interface Scored {
  readonly ids: Uint32Array;
  readonly value: number;
}

/** N-grams that a search keeps. */
const populationSize = 32;

/**
 * One search for the n-gram of the largest value: it proposes n-grams it has not seen, is told their values, keeps the best
 * and goes on from these, until it has read as many as it may or finds no new one.
 */
export class NGramSearch {
  /** The best first; ties go to the one that was read first. */
  kept: Scored[];
  readonly trace: [evaluations: number, value: number][] = [];
  evaluations = 0;
  #round = 0;
  readonly #seen: Set<string>;

  /**
   * @param start n-grams whose values are known; where there are none, `first` makes them
   * @param budget n-grams that it may read
   */
  constructor(
    start: readonly Scored[],
    readonly first: () => Uint32Array,
    readonly moves: Moves,
    readonly budget: number,
  ) {
    this.kept = start.slice(0, populationSize);
    this.#seen = new Set(this.kept.map(({ ids }) => ids.join()));
    this.#note();
  }

  /** N-grams to read next; none when it has ended. */
  propose(): Uint32Array[] {
    for (let attempt = 0; attempt < 20; attempt++) {
      const found = this.#unseen(this.kept.length > 0 ? this.moves(this.best, this.#round++) : this.#beginnings());
      if (found.length > 0) return found;
    }
    return [];
  }

  /** The values of what was proposed last. */
  take(proposed: readonly Uint32Array[], values: ArrayLike<number>): void {
    const scored = proposed.map((ids, i) => ({ ids, value: values[i]! }));
    this.evaluations += proposed.length;
    this.kept = [...this.kept, ...scored].sort((a, b) => b.value - a.value).slice(0, populationSize);
    this.#note();
  }

  get best(): Uint32Array[] {
    return this.kept.map(({ ids }) => ids);
  }

  #beginnings(): Proposal[] {
    const made = Array.from({ length: populationSize }, () => this.first());
    return [{ made, most: populationSize }];
  }

  /** What it has not read before, as far as it may. */
  #unseen(proposals: readonly Proposal[]): Uint32Array[] {
    const found: Uint32Array[] = [];
    for (const { made, most } of proposals) {
      const end = Math.min(found.length + most, this.budget - this.evaluations);
      for (const ids of made) {
        if (found.length >= end) break;
        const key = ids.join();
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        found.push(ids);
      }
    }
    return found;
  }

  #note(): void {
    const [first] = this.kept;
    if (first && !(first.value <= (this.trace.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY))) {
      this.trace.push([this.evaluations, first.value]);
    }
  }
}
