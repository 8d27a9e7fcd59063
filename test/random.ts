import { normal, random } from "../src/core/random.js";

/** Seeded standard normal float32 values. */
export function randomNormals(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = normal(random(seed));
  return Float32Array.from({ length: count }, next);
}

/** Seeded rows of booleans, each true with probability `density`. */
export function randomRows(rows: number, columns: number, density: number, seed: number): boolean[][] {
  const next = random(seed);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => next() < density));
}

/** Rows of booleans from packed bits. */
export function unpackBits(bits: Uint32Array, rows: number, columns: number): boolean[][] {
  const words = Math.ceil(columns / 32);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, k) => ((bits[row * words + (k >>> 5)]! >>> (k & 31)) & 1) === 1),
  );
}
