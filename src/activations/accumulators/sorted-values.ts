import type { KeptValues, ValueRuns } from "./value-distributions.js";

/** All values, column after column; sorted when they are asked for. */
export class SortedValues implements KeptValues {
  readonly relativeError = 0;
  readonly #values: Float32Array[];
  #rows = 0;

  constructor(
    readonly columns: number,
    rows: number,
  ) {
    this.#values = Array.from({ length: columns }, () => new Float32Array(rows));
  }

  add(values: Float32Array): void {
    const { columns } = this;
    const rows = values.length / columns;
    for (let column = 0; column < columns; column++) {
      const own = this.#values[column]!;
      for (let row = 0; row < rows; row++) own[this.#rows + row] = values[row * columns + column]!;
    }
    this.#rows += rows;
  }

  merge(other: this): void {
    other.#values.forEach((values, column) => {
      const own = new Float32Array(this.#rows + other.#rows);
      own.set(this.#values[column]!.subarray(0, this.#rows));
      own.set(values.subarray(0, other.#rows), this.#rows);
      this.#values[column] = own;
    });
    this.#rows += other.#rows;
  }

  column(column: number): ValueRuns {
    const values = this.#values[column]!.slice(0, this.#rows).sort();
    return { values, counts: new Uint32Array(values.length).fill(1) };
  }
}
