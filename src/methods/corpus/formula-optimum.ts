import { setImmediate as turn } from "node:timers/promises";
import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { BeamSearchOptions, NeuronFormulas } from "./beam-search.js";
import { compareChains, compareFormulas, type ScoredFormula, scoreFormula } from "./formula-beam.js";
import { largestSums, MaskBounds, type Reach } from "./formula-bound.js";
import { countPatterns, type RowPatterns, rowPatterns } from "./row-patterns.js";
import { chainBits, SeenFormulas } from "./seen-formulas.js";

/** The best formula that there is. */
export interface Optimum {
  readonly best: ScoredFormula | null;
  /** Formulas that were counted to prove it. */
  readonly counted: number;
}

/** Concepts that are few enough, formulas of one length in memory, and formulas between two looks at the signal. */
const mostConcepts = 100;
const mostOpen = 1_000_000;
const turnFormulas = 256;

/** A formula that may still lead to the best one. */
interface Open extends ScoredFormula {
  /** The most that an extension of it can score. */
  readonly bound: number;
}

/** What a search for one mask knows. */
interface MaskSearch {
  /** Rows of the mask, of each pattern in the mask and outside it. */
  readonly mask: number;
  readonly within: Uint32Array;
  readonly outside: Uint32Array;
  /** |c ∧ N| and |c ∖ N| of each concept. */
  readonly shared: Uint32Array;
  readonly strangers: Uint32Array;
  readonly bounds: MaskBounds;
  readonly length: number;
  readonly penalty: number;
  best: ScoredFormula | null;
  counted: number;
}

/** Checks that a vocabulary is small enough to prove an optimum. @throws ArgumentError */
export function checkExact(concepts: number): void {
  if (concepts > mostConcepts) {
    throw new ArgumentError("exact", `a vocabulary of at most ${mostConcepts} concepts`, concepts);
  }
}

/**
 * Branch and bound over all chains of all concepts, length by length: a formula is extended only where a bound on all
 * its extensions (src/methods/corpus/formula-bound.ts) reaches the best score so far, and only once for the same rows.
 * Rows with the same concepts are counted together: a formula's rows are a few words, whatever the corpus' size.
 */
export class OptimumSearch {
  readonly #patterns: RowPatterns;
  readonly #sizes: Uint32Array;

  /** @throws ArgumentError for more concepts than can be searched */
  constructor(concepts: BitMatrix, sizes: Uint32Array) {
    checkExact(concepts.rows);
    this.#patterns = rowPatterns(concepts);
    this.#sizes = sizes;
  }

  /**
   * The best formula for a mask, the shorter and then the earlier one where two tie.
   *
   * @param neuron its mask, and the best formula that a beam found
   * @throws ArgumentError where too many formulas stay open to be kept
   */
  async find(neuron: NeuronFormulas, options: BeamSearchOptions, signal?: AbortSignal): Promise<Optimum> {
    if (neuron.mask < options.leastRows) return { best: null, counted: 0 };
    const search = this.#begin(neuron, options);
    const seen = new SeenFormulas(this.#patterns.bits);
    let open = this.#singles(search);
    for (let leaves = 1; leaves < search.length; leaves++) {
      const chosen = open
        .filter(({ bound }) => bound >= (search.best?.score ?? 0))
        .sort(compareChains)
        .filter(({ chain }) => seen.add(chain));
      open = [];
      for (const [i, formula] of chosen.entries()) {
        if (i % turnFormulas === 0) await turn(undefined, { signal });
        this.#extend(search, formula, open);
        if (open.length > mostOpen) throw tooMany(leaves + 1, search.length);
      }
      if (leaves + 2 >= search.length) break; // what is one leaf short of the longest was extended where it was made
    }
    return { best: search.best, counted: search.counted };
  }

  #begin({ mask, shared, bits, beam }: NeuronFormulas, { length, penalty }: BeamSearchOptions): MaskSearch {
    const within = countPatterns(this.#patterns, bits);
    const strangers = this.#sizes.map((size, c) => size - shared[c]!);
    return {
      ...{ mask, within, shared, strangers, length, penalty },
      outside: this.#patterns.sizes.map((size, pattern) => size - within[pattern]!),
      bounds: new MaskBounds(mask, shared, strangers, length),
      best: beam[0] ?? null,
      counted: 0,
    };
  }

  #singles(search: MaskSearch): Open[] {
    const singles = Array.from(this.#sizes, (size, c) =>
      scoreFormula({ chain: [c * 4], both: search.shared[c]!, size }, search.mask, search.penalty),
    );
    for (const formula of singles) offer(search, formula);
    search.counted += singles.length;
    return singles.map((formula) => ({ ...formula, bound: 1 }));
  }

  /** Counts all extensions of a formula, and keeps those that may lead further; those one leaf short of the longest are extended at once. */
  #extend(search: MaskSearch, formula: ScoredFormula, open: Open[]): void {
    const { mask, shared, bounds, length, penalty } = search;
    const own = chainBits(formula.chain, this.#patterns.bits);
    const counts = this.#count(search, own);
    const leaves = formula.chain.length;
    const more = length - leaves;
    const worth = Array.from({ length: more }, (_, i) => penalty ** (leaves + i));
    const reach = reachOf(formula, counts, shared, more);
    if (bounds.bound(reach, more, worth) < (search.best?.score ?? 0)) return;
    if (more === 1) {
      this.#finish(search, formula, counts);
      return;
    }
    const rest = worth.slice(1);
    const joined = new Uint32Array(own.length);
    eachExtension(search, formula, counts, (link, both, size) => {
      search.counted++;
      if (repeats(formula.chain, link)) return;
      const made = scoreFormula({ chain: [...formula.chain, link], both, size }, mask, penalty);
      offer(search, made);
      if (size === 0) return;
      const bound = bounds.bound(bounds.after(reach, both, size - both), more - 1, rest);
      if (bound < (search.best?.score ?? 0)) return;
      if (more > 2) open.push({ ...made, bound });
      else this.#finish(search, made, this.#count(search, this.#join(own, link, joined)));
    });
  }

  /** Scores all extensions of a formula that is one leaf short of the longest. */
  #finish(search: MaskSearch, formula: ScoredFormula, counts: Counts): void {
    const { mask, penalty } = search;
    const worth = penalty ** formula.chain.length;
    let least = search.best?.score ?? 0;
    eachExtension(search, formula, counts, (link, both, size) => {
      if ((both / (mask + size - both)) * worth < least) return;
      offer(search, scoreFormula({ chain: [...formula.chain, link], both, size }, mask, penalty));
      least = search.best?.score ?? 0;
    });
    search.counted += 3 * search.shared.length;
  }

  /** What a formula, given by its patterns, shares with each concept inside and outside the mask. */
  #count({ within, outside }: MaskSearch, formula: Uint32Array): Counts {
    const { starts, concepts } = this.#patterns;
    const insideBoth = new Uint32Array(this.#sizes.length);
    const outsideBoth = new Uint32Array(this.#sizes.length);
    for (let word = 0; word < formula.length; word++) {
      for (let rest = formula[word]!; rest !== 0; rest &= rest - 1) {
        const pattern = word * 32 + 31 - Math.clz32(rest & -rest);
        for (let at = starts[pattern]!; at < starts[pattern + 1]!; at++) {
          insideBoth[concepts[at]!]! += within[pattern]!;
          outsideBoth[concepts[at]!]! += outside[pattern]!;
        }
      }
    }
    return { insideBoth, outsideBoth };
  }

  /** The patterns of a formula with one link more. */
  #join(own: Uint32Array, link: number, into: Uint32Array): Uint32Array {
    const { bits, columns } = this.#patterns.bits;
    const start = (link >>> 2) * wordsPerRow(columns);
    const operator = link & 3;
    for (let w = 0; w < into.length; w++) {
      const more = bits[start + w]!;
      into[w] = operator === 0 ? own[w]! | more : operator === 1 ? own[w]! & more : own[w]! & ~more;
    }
    return into;
  }
}

/** |F ∧ c ∧ N| and |(F ∖ N) ∧ c| of each concept. */
interface Counts {
  readonly insideBoth: Uint32Array;
  readonly outsideBoth: Uint32Array;
}

function reachOf(
  { both, size }: ScoredFormula,
  { insideBoth, outsideBoth }: Counts,
  shared: Uint32Array,
  more: number,
): Reach {
  return {
    inside: both,
    outside: size - both,
    gains: largestSums(more, shared.length, (c) => shared[c]! - insideBoth[c]!),
    losses: largestSums(more, shared.length, (c) => outsideBoth[c]!),
    kept: insideBoth.reduce((most, rows) => Math.max(most, rows), 0),
  };
}

function offer(search: MaskSearch, formula: ScoredFormula): void {
  if (formula.both === 0) return;
  if (search.best === null || compareFormulas(formula, search.best) < 0) search.best = formula;
}

/** Calls `see` with every link that a formula may have next, and what it then shares with the mask, and its rows. */
function eachExtension(
  { shared, strangers }: MaskSearch,
  { both, size }: ScoredFormula,
  { insideBoth, outsideBoth }: Counts,
  see: (link: number, both: number, size: number) => void,
): void {
  const outside = size - both;
  for (let c = 0; c < shared.length; c++) {
    const [t, o] = [insideBoth[c]!, outsideBoth[c]!];
    const either = both + shared[c]! - t;
    see(c * 4, either, either + outside + strangers[c]! - o);
    see(c * 4 + 1, t, t + o);
    see(c * 4 + 2, both - t, size - t - o);
  }
}

/**
 * Whether another chain, the same length and earlier, or shorter, holds on the same rows whatever the concepts: neighbouring
 * links that are both OR, or both are not, may change places, as may the two concepts of a first AND.
 */
function repeats(chain: readonly number[], link: number): boolean {
  const last = chain.at(-1)!;
  if (last >>> 2 === link >>> 2) return true;
  if (chain.length === 1) return (link & 3) !== 2 && link >>> 2 < last >>> 2;
  return ((last & 3) === 0) === ((link & 3) === 0) && link < last;
}

function tooMany(leaves: number, length: number): ArgumentError {
  const open = `more than ${mostOpen.toLocaleString("en")} formulas of ${leaves} leaves may lead to the best one of ${length}`;
  return new ArgumentError("exact", "fewer concepts, or shorter formulas (length),", { toString: () => open });
}
