import { random } from "../src/core/random.js";

/** Seeded random words; each bit is on with probability 2^−`thin`. */
export function randomWords(count: number, thin: number, seed: number): Uint32Array<ArrayBuffer> {
  const next = random(seed);
  const word = () => Math.floor(next() * 2 ** 32);
  return Uint32Array.from({ length: count }, () => Array.from({ length: thin }, word).reduce((x, y) => x & y, -1));
}

/** Bits that two runs of words share: the slow truth. */
export function sharedBits(a: Uint32Array, b: Uint32Array, startA: number, startB: number, words: number): number {
  let count = 0;
  for (let w = 0; w < words; w++) count += countBits(a[startA + w]! & b[startB + w]!);
  return count;
}

/** Bits of a word. */
function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
