/** A stream of seeded uniform numbers in [0, 1): the same on every machine and run (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Turns uniform numbers into standard normal ones (Box and Muller 1958). */
export function normal(uniform: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** The numbers 0 … count − 1 in a random order (Fisher and Yates). */
export function permutation(count: number, uniform: () => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * 32 random bits that depend on some whole numbers alone, so that a draw can be repeated wherever it is made (the mixing
 * steps of MurmurHash3, Appleby 2011).
 */
export function hash(...numbers: readonly number[]): number {
  let bits = 0;
  for (const number of numbers) bits = hashFurther(bits, number);
  return bits;
}

/** The hash of the numbers that gave `bits`, and one more. */
export function hashFurther(bits: number, number: number): number {
  let mixed = (bits + number + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The hash of a text. */
export function hashText(text: string): number {
  return hash(...Array.from(text, (letter) => letter.codePointAt(0)!));
}

/** The standard normal number that belongs to two random words of 32 bits (Box and Muller 1958). */
export function normalOf(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log((first + 0.5) / 2 ** 32)) * Math.cos((2 * Math.PI * second) / 2 ** 32);
}
