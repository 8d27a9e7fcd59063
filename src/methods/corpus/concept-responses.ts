import { type Members, membersOf } from "../../activations/accumulators/class-sums.js";
import { type BitMatrix, countOnes, wordsPerRow } from "../../core/bits.js";
import { sortedValues } from "../../kernels/sort.js";

/** How neurons respond, columns × concepts; the names are the authors'. */
export type Responses = {
  /** The median over the concept's rows, interpolated linearly as numpy does. */
  readonly on_p50: Float64Array;
  /** Their 90th percentile. */
  readonly on_p90: Float64Array;
  /** The mean over the other rows; 0 where there is none. */
  readonly off_mean: Float64Array;
};

/** Reads responses off sorted columns: a concept's k-th largest value is that of the k-th of its rows that comes by. */
export class ResponseScan {
  readonly #members: Members;
  readonly #sizes: Uint32Array;
  readonly #found: Responses;
  readonly #seen: Uint32Array;
  readonly #sums: Float64Array;

  /** @param concepts over the rows; each has one */
  constructor(columns: number, concepts: BitMatrix) {
    const { rows } = concepts;
    this.#members = membersOf(concepts);
    this.#sizes = sizesOf(concepts);
    const numbers = () => new Float64Array(columns * rows);
    this.#found = { on_p50: numbers(), on_p90: numbers(), off_mean: numbers() };
    this.#seen = new Uint32Array(rows);
    this.#sums = new Float64Array(rows);
  }

  /** @param pairs of whole columns from `first` on: (row, key), by descending value */
  add(first: number, pairs: Uint32Array): void {
    const rows = this.#members.starts.length - 1;
    const values = sortedValues(pairs);
    for (let i = 0; i * rows < values.length; i++) {
      this.#addColumn(
        first + i,
        pairs.subarray(2 * i * rows, 2 * (i + 1) * rows),
        values.subarray(i * rows, (i + 1) * rows),
      );
    }
  }

  finish(): Responses {
    return this.#found;
  }

  #addColumn(column: number, pairs: Uint32Array, values: Float32Array): void {
    const { starts, pairs: labels } = this.#members;
    const { on_p50, on_p90, off_mean } = this.#found;
    const start = column * this.#sizes.length;
    this.#seen.fill(0);
    this.#sums.fill(0);
    let whole = 0;
    for (let place = 0; place < values.length; place++) {
      const value = values[place]!;
      whole += value;
      const row = pairs[2 * place]!;
      for (let i = starts[row]!; i < starts[row + 1]!; i++) {
        const label = labels[2 * i + 1]!;
        const fromBelow = this.#sizes[label]! - 1 - this.#seen[label]!++;
        this.#sums[label]! += value;
        on_p50[start + label]! += value * weightAt(fromBelow, 0.5 * (this.#sizes[label]! - 1));
        on_p90[start + label]! += value * weightAt(fromBelow, 0.9 * (this.#sizes[label]! - 1));
      }
    }
    this.#sizes.forEach((size, label) => {
      const others = values.length - size;
      off_mean[start + label] = others === 0 ? 0 : (whole - this.#sums[label]!) / others;
    });
  }
}

/** What the value at a place counts towards the one at a fractional place, interpolated linearly. */
function weightAt(place: number, wanted: number): number {
  const distance = Math.abs(place - wanted);
  return distance < 1 ? 1 - distance : 0;
}

function sizesOf({ bits, rows, columns }: BitMatrix): Uint32Array {
  const words = wordsPerRow(columns);
  const sizes = new Uint32Array(rows);
  for (let i = 0; i < rows * words; i++) sizes[Math.floor(i / words)]! += countOnes(bits[i]!);
  return sizes;
}
