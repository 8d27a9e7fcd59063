import { entryWords, interventionTable, type MatrixChange } from "../kernels/intervene.js";
import type { Run } from "./batch.js";

/** A change without its rows. */
export type Change = Omit<MatrixChange, "rows">;

/** Entries that belong together: they lie one behind the other. */
export interface EntryGroup {
  readonly first: number;
  readonly count: number;
}

/** The group of a time step's entries. */
export function stepGroup(site: string, step: number): string {
  return `${site}@${step}`;
}

/**
 * The entries of an intervention table in the making. A sweep over a recurrent network has one for each copy and time
 * step, so they are kept as the words that the kernel reads, and put in the order of their groups at the end.
 */
export class InterventionEntries {
  #words = new Uint32Array(64 * entryWords);
  /** The number of the group of each entry. */
  #groups = new Uint32Array(64);
  #count = 0;
  readonly #names: string[] = [];
  readonly #known = new Map<string, number>();

  /**
   * Adds a change of some runs of rows; where its vector has a step, the rows of the second run go on behind the first's.
   *
   * @param group as `group` gives it
   */
  add(group: number, runs: readonly Run[], change: Change): void {
    const writer = new EntryWords(change);
    for (const [first, end] of runs) this.#push(group, writer.of(first, end));
  }

  /**
   * The same where rows lie by time step: each step has a group, and counts its rows from its own first.
   *
   * @param group of the first step, as `group` gives it
   * @param runs lowest first
   * @param steps the rows of each time step
   */
  addSteps(group: number, runs: readonly Run[], change: Change, steps: readonly Run[]): void {
    const writer = new EntryWords(change);
    let step = 0;
    for (const [first, end] of runs) {
      while (step < steps.length && steps[step]![1] <= first) step++;
      for (let here = step; here < steps.length && steps[here]![0] < end; here++) {
        const [start, stop] = steps[here]!;
        this.#push(group + here, writer.of(Math.max(first, start) - start, Math.min(end, stop) - start));
      }
    }
  }

  /** The number of a group; where there are time steps, that of the first step's, which the others follow. */
  group(site: string, steps: number | null): number {
    const known = this.#known.get(site);
    if (known !== undefined) return known;
    const first = this.#names.length;
    this.#known.set(site, first);
    if (steps === null) this.#names.push(site);
    for (let step = 0; step < (steps ?? 0); step++) this.#names.push(stepGroup(site, step));
    return first;
  }

  /** All entries, group after group and each in the order in which it was added; groups without any are left out. */
  finish(): { readonly entries: Uint32Array; readonly groups: ReadonlyMap<string, EntryGroup> } {
    const next = new Uint32Array(this.#names.length);
    for (let i = 0; i < this.#count; i++) next[this.#groups[i]!]!++;
    const groups = new Map<string, EntryGroup>();
    let first = 0;
    next.forEach((count, number) => {
      if (count > 0) groups.set(this.#names[number]!, { first, count });
      next[number] = first;
      first += count;
    });
    const entries = new Uint32Array(this.#count * entryWords);
    for (let i = 0; i < this.#count; i++) {
      const [from, to] = [i * entryWords, next[this.#groups[i]!]!++ * entryWords];
      for (let word = 0; word < entryWords; word++) entries[to + word] = this.#words[from + word]!;
    }
    return { entries, groups };
  }

  #push(group: number, words: Uint32Array): void {
    if (this.#count === this.#groups.length) this.#grow();
    const at = this.#count * entryWords;
    for (let word = 0; word < entryWords; word++) this.#words[at + word] = words[word]!;
    this.#groups[this.#count++] = group;
  }

  #grow(): void {
    const [words, groups] = [this.#words, this.#groups];
    this.#words = new Uint32Array(2 * words.length);
    this.#groups = new Uint32Array(2 * groups.length);
    this.#words.set(words);
    this.#groups.set(groups);
  }
}

/** The entry of a change as the kernel reads it, for one run of rows after the other. */
class EntryWords {
  readonly #words: Uint32Array;
  readonly #step: number;

  constructor(change: Change) {
    this.#words = interventionTable([{ ...change, rows: [0, 0] }]);
    this.#step = change.vector?.step ?? 0;
  }

  of(first: number, end: number): Uint32Array {
    const words = this.#words;
    words[6]! += (words[1]! - words[0]!) * this.#step; // its vector starts behind the rows before
    words[0] = first;
    words[1] = end;
    return words;
  }
}
