import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import type { Accumulator, AccumulatorFactory, TakenBlock } from "../accumulator.js";
import { checkFinite } from "../finite.js";

/** Rows of one column with their values, the most extreme first; ties go to the lower row. */
export interface ExtremeRows {
  readonly rows: Uint32Array;
  readonly values: Float32Array;
}

/** The rows on which every column is largest, and those on which it is smallest. */
export interface Extremes {
  readonly largest: readonly ExtremeRows[];
  readonly smallest: readonly ExtremeRows[];
}

/**
 * Finds the `count` rows on which each column is largest and the `count` on which it is smallest (all rows where there
 * are fewer). Memory: 16 · count bytes a column.
 *
 * @throws ArgumentError, while it runs, that names the row and the neuron of a number that is not finite
 */
export function extremeRows(count: number, sites: readonly Site[]): AccumulatorFactory<Extremes> {
  if (!Number.isSafeInteger(count) || count < 1) throw new ArgumentError("count", "a whole number from 1 on", count);
  return (_, { columns, rows }) => new ExtremesAccumulator(columns, Math.min(count, rows), sites);
}

class ExtremesAccumulator implements Accumulator<Extremes> {
  readonly needs = "host";
  readonly #sites: readonly Site[];
  readonly #largest: Leaders;
  readonly #smallest: Leaders;

  constructor(columns: number, count: number, sites: readonly Site[]) {
    this.#sites = sites;
    this.#largest = new Leaders(columns, count, 1);
    this.#smallest = new Leaders(columns, count, -1);
  }

  async add({ values, firstRow }: TakenBlock): Promise<void> {
    if (!values) return;
    checkFinite(values, firstRow, this.#sites);
    this.#largest.add(values, firstRow);
    this.#smallest.add(values, firstRow);
  }

  async merge(other: this): Promise<void> {
    this.#largest.merge(other.#largest);
    this.#smallest.merge(other.#smallest);
  }

  async finish(): Promise<Extremes> {
    return { largest: this.#largest.all(), smallest: this.#smallest.all() };
  }

  [Symbol.dispose](): void {}
}

/** A place that no row has taken yet. */
const NO_ROW = 0xffffffff;

/** The first `count` rows of every column by sign · value: a sorted run per column, whose last score is the bar. */
class Leaders {
  readonly #scores: Float32Array;
  readonly #rows: Uint32Array;
  readonly #bar: Float32Array;

  constructor(
    readonly columns: number,
    readonly count: number,
    readonly sign: 1 | -1,
  ) {
    this.#scores = new Float32Array(columns * count).fill(-Infinity);
    this.#rows = new Uint32Array(columns * count).fill(NO_ROW);
    this.#bar = new Float32Array(columns).fill(-Infinity);
  }

  add(values: Float32Array, firstRow: number): void {
    const { columns, sign } = this;
    const bar = this.#bar;
    const rows = values.length / columns;
    for (let i = 0; i < rows; i++) {
      const start = i * columns;
      for (let column = 0; column < columns; column++) {
        const score = sign * values[start + column]!;
        if (score >= bar[column]!) this.#insert(column, score, firstRow + i);
      }
    }
  }

  merge(other: Leaders): void {
    other.#rows.forEach((row, i) => {
      if (row !== NO_ROW) this.#insert(Math.floor(i / other.count), other.#scores[i]!, row);
    });
  }

  all(): ExtremeRows[] {
    return Array.from({ length: this.columns }, (_, column) => {
      const [start, end] = [column * this.count, (column + 1) * this.count];
      const values = this.#scores.slice(start, end).map((score) => this.sign * score);
      return { rows: this.#rows.slice(start, end), values };
    });
  }

  #insert(column: number, score: number, row: number): void {
    const start = column * this.count;
    const end = start + this.count;
    let place = end;
    while (place > start && this.#follows(place - 1, score, row)) place--;
    if (place === end) return;
    this.#scores.copyWithin(place + 1, place, end - 1);
    this.#rows.copyWithin(place + 1, place, end - 1);
    this.#scores[place] = score;
    this.#rows[place] = row;
    this.#bar[column] = this.#scores[end - 1]!;
  }

  /** Whether what stands at `place` comes after a row of that score. */
  #follows(place: number, score: number, row: number): boolean {
    const other = this.#scores[place]!;
    return other < score || (other === score && this.#rows[place]! > row);
  }
}
