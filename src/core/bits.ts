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

/** Calls `see` with every column that is on in a row, in their order. */
export function eachBit({ bits, columns }: BitMatrix, row: number, see: (column: number) => void): void {
  const words = wordsPerRow(columns);
  for (let word = 0; word < words; word++) {
    for (let rest = bits[row * words + word]!; rest !== 0; rest &= rest - 1) {
      see(word * 32 + 31 - Math.clz32(rest & -rest));
    }
  }
}

/** Turns every row of a matrix in a circle: column i goes to column (i + by) mod columns. */
export function turnBits({ bits, rows, columns }: BitMatrix, by: number): BitMatrix {
  const words = wordsPerRow(columns);
  const turned = new Uint32Array(bits.length);
  const left = columns === 0 ? 0 : ((by % columns) + columns) % columns;
  for (let row = 0; row < rows; row++) {
    const from = bits.subarray(row * words, (row + 1) * words);
    const to = turned.subarray(row * words, (row + 1) * words);
    orMoved(from, to, left);
    if (left > 0) orMoved(from, to, left - columns);
    if (columns % 32 > 0) to[words - 1]! &= 2 ** (columns % 32) - 1;
  }
  return { bits: turned, rows, columns };
}

/** Adds the bits of one row to another, `by` columns further; what leaves it is lost. */
function orMoved(from: Uint32Array, to: Uint32Array, by: number): void {
  const whole = Math.floor(by / 32);
  const rest = by - 32 * whole;
  for (let word = Math.max(0, whole); word < to.length; word++) {
    const high = from[word - whole] ?? 0;
    const low = from[word - whole - 1] ?? 0;
    to[word]! |= rest === 0 ? high : (high << rest) | (low >>> (32 - rest));
  }
}
