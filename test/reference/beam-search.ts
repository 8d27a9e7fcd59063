import { type Chain, countBoth, holds } from "./formula-extensions.js";

interface Scored {
  readonly chain: Chain;
  readonly score: number;
}

/**
 * Beam search as Mu and Andreas describe it, with every formula evaluated on every row: the best concepts; then, again
 * and again, every formula of the beam with every concept of IoU > 0 by OR, AND and AND NOT, pooled with the beam.
 *
 * @returns the beam, best first; ties go to the shorter formula, then to the earlier concept
 */
export function beamSearch(
  mask: readonly boolean[],
  concepts: readonly boolean[][],
  { beam, length, penalty }: { readonly beam: number; readonly length: number; readonly penalty: number },
): Scored[] {
  const score = (chain: Chain): Scored => {
    const { both, either } = countBoth(holds(chain, concepts), mask);
    return { chain, score: either === 0 ? 0 : (both / either) * penalty ** (chain.length - 1) };
  };
  const best = (all: Iterable<Scored>) => {
    const different = new Map([...all].filter((one) => one.score > 0).map((one) => [one.chain.join(), one]));
    return [...different.values()].sort(compare).slice(0, beam);
  };
  const singles = concepts.map((_, concept) => score([concept * 4])).filter((one) => one.score > 0);
  let kept = best(singles);
  for (let step = 1; step < length; step++) {
    const made = kept.flatMap(({ chain }) => {
      return singles.flatMap(({ chain: [link] }) => [0, 1, 2].map((operator) => score([...chain, link! + operator])));
    });
    kept = best([...kept, ...made.filter(({ chain }) => chain.length <= length)]);
  }
  return kept;
}

/**
 * Beam search as the authors' code runs it: every formula of the beam is extended at every step, none is recognised as
 * made before, and ties go to what came first.
 */
export function authorsBeamSearch(
  mask: readonly boolean[],
  concepts: readonly boolean[][],
  { beam, length }: { readonly beam: number; readonly length: number },
): Chain[] {
  const iou = (chain: Chain) => {
    const { both, either } = countBoth(holds(chain, concepts), mask);
    return either === 0 ? 0 : both / either;
  };
  const best = (all: readonly Chain[]) => [...all].sort((a, b) => iou(b) - iou(a)).slice(0, beam);
  const singles = concepts.map((_, concept): Chain => [concept * 4]);
  const useful = singles.filter((chain) => iou(chain) > 0).map(([link]) => link!);
  let kept = best(singles);
  for (let step = 1; step < length; step++) {
    const made = kept.flatMap((chain) =>
      useful.flatMap((link) => [0, 1, 2].map((operator) => [...chain, link + operator])),
    );
    kept = best([...kept, ...made]);
  }
  return kept;
}

function compare(a: Scored, b: Scored): number {
  const link = a.chain.findIndex((code, i) => code !== b.chain[i]);
  return b.score - a.score || a.chain.length - b.chain.length || (a.chain[link] ?? 0) - (b.chain[link] ?? 0);
}
