import type { ChainFormula, Extension } from "../../kernels/formula-extensions.js";

/** A formula with what it is worth: IoU · penalty^(leaves − 1). */
export interface ScoredFormula extends ChainFormula {
  readonly iou: number;
  readonly score: number;
}

/** What a beam is cut by. */
export interface BeamOptions {
  readonly beam: number;
  readonly penalty: number;
}

/** A formula of a mask of `mask` rows with its score. */
export function scoreFormula(formula: ChainFormula, mask: number, penalty: number): ScoredFormula {
  const { chain, both, size } = formula;
  const iou = both / (mask + size - both);
  return { chain, both, size, iou, score: iou * penalty ** (chain.length - 1) };
}

/** The better formula first: by score, then the shorter one, then the one with the earlier concept, link by link. */
export function compareFormulas(a: ScoredFormula, b: ScoredFormula): number {
  return b.score - a.score || a.chain.length - b.chain.length || compareChains(a, b);
}

/** By the first link that differs: its concept, then its operator. */
export function compareChains({ chain: a }: ChainFormula, { chain: b }: ChainFormula): number {
  const at = a.findIndex((link, i) => link !== b[i]);
  return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
}

/**
 * The best formulas of one concept.
 *
 * @param shared rows that each concept shares with the mask
 * @param sizes rows of each concept
 */
export function bestConcepts(
  shared: Uint32Array,
  sizes: Uint32Array,
  mask: number,
  { beam, penalty }: BeamOptions,
): ScoredFormula[] {
  const best: ScoredFormula[] = [];
  let least = 0;
  for (let concept = 0; concept < sizes.length; concept++) {
    const both = shared[concept]!;
    if (both === 0) continue;
    const iou = both / (mask + sizes[concept]! - both);
    if (best.length === beam && iou <= least) continue; // an earlier concept comes first where two tie
    let at = best.length === beam ? beam - 1 : best.length;
    while (at > 0 && best[at - 1]!.iou < iou) at--;
    best.splice(at, 0, scoreFormula({ chain: [concept * 4], both, size: sizes[concept]! }, mask, penalty));
    if (best.length > beam) best.pop();
    least = best.at(-1)!.iou;
  }
  return best;
}

/** A formula with one concept more. */
export function extend({ chain }: ChainFormula, { operator, concept, both, size }: Extension): ChainFormula {
  return { chain: [...chain, concept * 4 + operator], both, size };
}
