import { wordsPerRow } from "../core/bits.js";
import type { RowTable } from "./rows.js";

type Column = ReturnType<RowTable["column"]>;

/** The values of a column, each with a number: those of whole corpora are looked up by their text only once. */
export interface NumberedValues {
  /** Every value that some row has, in the order in which they come. */
  readonly values: readonly string[];
  /** How often each value stands in a cell. */
  readonly counts: readonly number[];
  /** The first value of every row, −1 for a row that has none. */
  readonly first: Int32Array;
  /** The other values of rows that have several: row and value, one behind the other. */
  readonly more: readonly number[];
}

/** Numbers the values of a column. */
export function numberValues(column: Column): NumberedValues {
  const numbers = new Map<string, number>();
  const [values, counts, more]: [string[], number[], number[]] = [[], [], []];
  const first = new Int32Array(column.length).fill(-1);
  const numberOf = (value: string) => {
    let number = numbers.get(value);
    if (number === undefined) {
      number = values.length;
      numbers.set(value, number);
      values.push(value);
      counts.push(0);
    }
    counts[number]!++;
    return number;
  };
  for (let row = 0; row < column.length; row++) {
    const cell = column[row]!;
    if (cell === null) continue;
    if (typeof cell === "string") {
      first[row] = numberOf(cell);
      continue;
    }
    cell.forEach((value, i) => {
      if (i === 0) first[row] = numberOf(value);
      else more.push(row, numberOf(value));
    });
  }
  return { values, counts, first, more };
}

/** Sets the bits of rows that have a value: those of value v in row placeOf[v] of `bits`, nothing where that is −1. */
export function setBits(bits: Uint32Array, { first, more }: NumberedValues, placeOf: Int32Array): void {
  const words = wordsPerRow(first.length);
  const set = (row: number, place: number) => {
    if (place >= 0) bits[place * words + (row >>> 5)]! |= 1 << (row & 31);
  };
  for (let row = 0; row < first.length; row++) if (first[row]! >= 0) set(row, placeOf[first[row]!]!);
  for (let i = 0; i < more.length; i += 2) set(more[i]!, placeOf[more[i + 1]!]!);
}

/** The numbers of some values in their order: by size where all values of the column are numbers, otherwise by code units. */
export function inOrder({ values }: NumberedValues, some: readonly number[]): number[] {
  const numeric = values.every((value) => /^-?\d+(\.\d+)?$/.test(value));
  const byName = [...some].sort((a, b) => (values[a]! < values[b]! ? -1 : values[a] === values[b] ? 0 : 1));
  return numeric ? byName.sort((a, b) => Number(values[a]) - Number(values[b])) : byName;
}
