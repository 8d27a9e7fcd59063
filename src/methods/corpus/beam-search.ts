import type { MethodContext } from "../result.js";
import {
  type BeamOptions,
  bestConcepts,
  compareChains,
  compareFormulas,
  extend,
  type ScoredFormula,
  scoreFormula,
} from "./formula-beam.js";
import type { FormulaSearch, NeuronBatch } from "./formula-search.js";

export interface BeamSearchOptions extends BeamOptions {
  /** Leaves of the longest formula. */
  readonly length: number;
  /** Neurons with fewer rows have no formula. */
  readonly leastRows: number;
  /**
   * `authors`: formulas that stay in the beam are extended again at every step, and stand there as often as they were
   * made, as in the code of Mu and Andreas; ties go to what was made first.
   */
  readonly repeats: "never" | "authors";
}

/** What a search found for one neuron. */
export interface NeuronFormulas {
  readonly column: number;
  /** Rows of its mask. */
  readonly mask: number;
  /** Rows of its mask that each concept shares; gone when the next neuron comes. */
  readonly shared: Uint32Array;
  /** The mask itself. */
  readonly bits: Uint32Array;
  /** Best first: the beam at the end; empty where no concept shares a row with the mask. */
  readonly beam: readonly ScoredFormula[];
  /** The best formula that was found of every length, from one leaf on. */
  readonly lengths: readonly ScoredFormula[];
}

/**
 * Beam search for formulas that hold where neurons are on (Mu and Andreas 2020): the beam begins with the best
 * concepts; each step extends its formulas by every concept with IoU > 0 by OR, AND and AND NOT, and keeps the best of
 * all. What stays in the beam was extended before, so only the newest formulas are.
 */
export async function* beamSearch(
  search: FormulaSearch,
  options: BeamSearchOptions,
  context: MethodContext,
): AsyncGenerator<NeuronFormulas> {
  for await (const batch of search.batches(context)) {
    const states = Array.from({ length: batch.count }, (_, i) => begin(search, batch, i, options));
    for (let step = 1; step < options.length; step++) {
      const made = states.map((): Made[] => []);
      for (let length = options.repeats === "never" ? step : 1; length <= step; length++) {
        await extendAll(batch, states, made, length, options);
      }
      if (made.every((own) => own.length === 0)) break;
      for (const [i, state] of states.entries()) pool(state, made[i]!, options);
    }
    yield* states;
  }
}

interface State {
  readonly column: number;
  readonly mask: number;
  readonly shared: Uint32Array;
  readonly bits: Uint32Array;
  beam: ScoredFormula[];
  readonly lengths: ScoredFormula[];
}

function begin(
  search: FormulaSearch,
  { first, count: neurons, shared, masks }: NeuronBatch,
  i: number,
  options: BeamSearchOptions,
): State {
  const count = search.sizes.length;
  const own = shared.subarray(i * count, (i + 1) * count);
  const mask = search.maskSizes[first + i]!;
  const beam = mask < options.leastRows ? [] : bestConcepts(own, search.sizes, mask, options);
  const words = masks.length / neurons;
  const bits = masks.subarray(i * words, (i + 1) * words);
  return { column: first + i, mask, shared: own, bits, beam, lengths: beam.slice(0, 1) };
}

/** A formula that a step made, and where the one that it extends stands in the beam. */
interface Made extends ScoredFormula {
  readonly from: number;
}

/** Extends the formulas of one length in every beam; only these compare without their penalty. */
async function extendAll(
  batch: NeuronBatch,
  states: readonly State[],
  made: readonly Made[][],
  length: number,
  { repeats, penalty }: BeamSearchOptions,
): Promise<void> {
  const slots = states.map(({ beam }) => {
    const own = beam.filter(({ chain }) => chain.length === length);
    return repeats === "never" ? own.sort(compareChains) : own;
  });
  if (slots.every((own) => own.length === 0)) return;
  const found = await batch.extend(slots);
  states.forEach(({ beam, mask }, i) => {
    for (const extension of found[i]!) {
      const from = slots[i]![extension.slot]!;
      made[i]!.push({ ...scoreFormula(extend(from, extension), mask, penalty), from: beam.indexOf(from) });
    }
  });
}

/** Keeps the best of what was in a beam and what was made of it. */
function pool(state: State, made: readonly Made[], { beam, repeats }: BeamSearchOptions): void {
  const ordered = [...made].sort(
    repeats === "never" ? compareFormulas : (a, b) => a.from - b.from || compareChains(a, b),
  );
  for (const formula of ordered) {
    const best = state.lengths[formula.chain.length - 1];
    if (!best || best.iou < formula.iou) state.lengths[formula.chain.length - 1] = formula;
  }
  const all: ScoredFormula[] = [...state.beam, ...ordered];
  state.beam = all.sort(repeats === "never" ? compareFormulas : (a, b) => b.score - a.score).slice(0, beam);
}
