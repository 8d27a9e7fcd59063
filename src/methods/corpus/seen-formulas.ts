import { type BitMatrix, wordsPerRow } from "../../core/bits.js";

/** The rows on which a chain of links concept · 4 + operator holds. */
export function chainBits(chain: readonly number[], { bits, columns }: BitMatrix): Uint32Array {
  const words = wordsPerRow(columns);
  const made = new Uint32Array(words);
  for (const [i, link] of chain.entries()) {
    const start = (link >>> 2) * words;
    const operator = i === 0 ? 0 : link & 3;
    for (let w = 0; w < words; w++) {
      const more = bits[start + w]!;
      made[w] = operator === 0 ? made[w]! | more : operator === 1 ? made[w]! & more : made[w]! & ~more;
    }
  }
  return made;
}

/** Tells formulas that hold on the same rows; of those the first that comes is kept. */
export class SeenFormulas {
  readonly #concepts: BitMatrix;
  readonly #chains = new Map<number, (readonly number[])[]>();

  constructor(concepts: BitMatrix) {
    this.#concepts = concepts;
  }

  /** Whether no formula before holds on the same rows. */
  add(chain: readonly number[]): boolean {
    const bits = chainBits(chain, this.#concepts);
    const key = digest(bits);
    const others = this.#chains.get(key) ?? [];
    if (others.some((other) => equal(chainBits(other, this.#concepts), bits))) return false;
    this.#chains.set(key, [...others, chain]);
    return true;
  }
}

/** 53 bits of two multiplicative hashes. */
function digest(words: Uint32Array): number {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul(b ^ ((word >>> 16) | (word << 16)), 0x5bd1e995);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((word, i) => word === b[i]);
}
