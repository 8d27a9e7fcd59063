import { type BitMatrix, countOnes, wordsPerRow } from "../../core/bits.js";

/** A concept that a neuron tells from the other rows. */
export interface ProfileConcept {
  /** Its number in the vocabulary. */
  readonly concept: number;
  /** φ of mask and concept on the rows that none of the concepts before it has. */
  readonly phi: number;
}

/** How many different things a neuron speaks of (after Xin, Lin and Yu 2019). */
export interface ConceptProfile {
  /** `switch`: on for some concept and off for another; `polysemous`: several, all on or all off. */
  readonly kind: "none" | "monosemous" | "polysemous" | "switch";
  readonly concepts: readonly ProfileConcept[];
  /** How little the concepts have in common: mean of 1 − |a ∧ b| / |a ∨ b| over pairs; null for fewer than two. */
  readonly disjoint: number | null;
}

/** Least |φ| of a concept that counts, most concepts told, and most that are looked at for each neuron. */
const leastPhi = 0.25;
const mostConcepts = 5;
const mostCandidates = 24;

/** Rows of a mask and concepts, and what they share. */
export interface ProfileCounts {
  readonly mask: number;
  readonly sizes: Uint32Array;
  readonly shared: Uint32Array;
}

/**
 * The concepts that a neuron's mask depends on, the strongest first. Each next one is judged on the rows that none of
 * those before it has, so that `upos=NOUN` and `xpos=NN` count once, and being off for verbs does not follow from
 * being on for nouns. φ < 0: the neuron is off where the concept holds.
 */
export function conceptProfile(bits: Uint32Array, concepts: BitMatrix, counts: ProfileCounts): ConceptProfile {
  const words = wordsPerRow(concepts.columns);
  const left = new Uint32Array(words).fill(0xffffffff);
  if (concepts.columns % 32 > 0) left[words - 1] = 2 ** (concepts.columns % 32) - 1;
  const bitsOf = (concept: number) => concepts.bits.subarray(concept * words, (concept + 1) * words);
  let candidates = strongest(counts, concepts.columns);
  const found: ProfileConcept[] = [];
  while (candidates.length > 0 && found.length < mostConcepts) {
    const best = candidates[0]!;
    found.push(best);
    const taken = bitsOf(best.concept);
    for (let w = 0; w < words; w++) left[w]! &= ~taken[w]!;
    const rest = candidates.slice(1).map(({ concept }) => ({ concept, phi: phiWithin(left, bits, bitsOf(concept)) }));
    candidates = inOrder(rest);
  }
  return { kind: kindOf(found), concepts: found, disjoint: disjointness(found, bitsOf) };
}

function kindOf(found: readonly ProfileConcept[]): ConceptProfile["kind"] {
  if (found.length < 2) return found.length === 0 ? "none" : "monosemous";
  return found.some(({ phi }) => phi > 0) && found.some(({ phi }) => phi < 0) ? "switch" : "polysemous";
}

function strongest({ mask, sizes, shared }: ProfileCounts, rows: number): ProfileConcept[] {
  const found: ProfileConcept[] = [];
  for (let concept = 0; concept < sizes.length; concept++) {
    const phi = phiOf(rows, mask, sizes[concept]!, shared[concept]!);
    if (Math.abs(phi) >= leastPhi) found.push({ concept, phi });
  }
  return inOrder(found).slice(0, mostCandidates);
}

function inOrder(concepts: readonly ProfileConcept[]): ProfileConcept[] {
  const strong = concepts.filter(({ phi }) => Math.abs(phi) >= leastPhi);
  return strong.sort((a, b) => Math.abs(b.phi) - Math.abs(a.phi) || a.concept - b.concept);
}

/** Pearson's r of two sets of rows; 0 where one is empty or everything. */
function phiOf(rows: number, a: number, b: number, both: number): number {
  const spread = Math.sqrt(a * (rows - a)) * Math.sqrt(b * (rows - b));
  return spread === 0 ? 0 : (rows * both - a * b) / spread;
}

function phiWithin(left: Uint32Array, mask: Uint32Array, concept: Uint32Array): number {
  const tally = { rows: 0, a: 0, b: 0, both: 0 };
  for (let w = 0; w < left.length; w++) {
    const [all, on, own] = [left[w]!, left[w]! & mask[w]!, left[w]! & concept[w]!];
    tally.rows += countOnes(all);
    tally.a += countOnes(on);
    tally.b += countOnes(own);
    tally.both += countOnes(on & own);
  }
  return phiOf(tally.rows, tally.a, tally.b, tally.both);
}

function disjointness(found: readonly ProfileConcept[], bitsOf: (concept: number) => Uint32Array): number | null {
  const pairs = found.flatMap(({ concept: a }, i) => found.slice(i + 1).map(({ concept: b }) => [a, b] as const));
  if (pairs.length === 0) return null;
  return pairs.reduce((sum, [a, b]) => sum + 1 - sharedShare(bitsOf(a), bitsOf(b)), 0) / pairs.length;
}

function sharedShare(a: Uint32Array, b: Uint32Array): number {
  let [both, either] = [0, 0];
  for (let w = 0; w < a.length; w++) {
    both += countOnes(a[w]! & b[w]!);
    either += countOnes(a[w]! | b[w]!);
  }
  return both / either;
}
