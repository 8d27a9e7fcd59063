import { ArgumentError } from "./errors.js";

/** Rows of booleans packed 32 to a word, row-major, bit 0 lowest; unused tail bits are zero. */
export interface BitMatrix {
  readonly bits: Uint32Array;
  readonly rows: number;
  readonly columns: number;
}

/** 32-bit words that hold one row of `columns` bits. */
export function wordsPerRow(columns: number): number {
  return Math.ceil(columns / 32);
}

/** Packs rows of booleans into a `BitMatrix`. */
export function packBits(rows: readonly (readonly boolean[])[]): BitMatrix {
  const columns = rows[0]?.length ?? 0;
  const words = wordsPerRow(columns);
  const bits = new Uint32Array(rows.length * words);
  rows.forEach((row, i) => {
    if (row.length !== columns) throw new ArgumentError(`rows[${i}]`, `${columns} columns`, row.length);
    row.forEach((on, j) => {
      if (on) bits[i * words + (j >>> 5)]! |= 1 << (j & 31);
    });
  });
  return { bits, rows: rows.length, columns };
}

/** Bits of a 32-bit word that are set. */
export function countOnes(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
