import type { KeptValues, ValueRuns } from "./value-distributions.js";

/** Bins of a page: those of values that share the first byte of their key. */
const pageBins = 256;
const noPage = 0xffffffff;

/** Counts of values by the upper half of their ordered bits, in pages that are made when a value falls into them. */
export class SketchedValues implements KeptValues {
  readonly relativeError = 2 ** -8;
  readonly #pages: Uint32Array;
  readonly #least: Float32Array;
  readonly #largest: Float32Array;
  #counts = new Uint32Array(pageBins);
  #used = 0;

  constructor(readonly columns: number) {
    this.#pages = new Uint32Array(columns * pageBins).fill(noPage);
    this.#least = new Float32Array(columns).fill(Infinity);
    this.#largest = new Float32Array(columns).fill(-Infinity);
  }

  add(values: Float32Array): void {
    const { columns } = this;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) {
      const column = i % columns;
      const key = (bits[i]! ^ (bits[i]! >>> 31 ? 0xffffffff : 0x80000000)) >>> 16;
      const bin = this.#pageOf(column, key >>> 8) + (key & 255); // before the counts: a new page may move them
      this.#counts[bin]!++;
      if (values[i]! < this.#least[column]!) this.#least[column] = values[i]!;
      if (values[i]! > this.#largest[column]!) this.#largest[column] = values[i]!;
    }
  }

  merge(other: this): void {
    other.#pages.forEach((page, i) => {
      if (page === noPage) return;
      const own = this.#pageOf(Math.floor(i / pageBins), i % pageBins);
      for (let bin = 0; bin < pageBins; bin++) this.#counts[own + bin]! += other.#counts[page + bin]!;
    });
    this.#least.forEach((least, column) => {
      this.#least[column] = Math.min(least, other.#least[column]!);
      this.#largest[column] = Math.max(this.#largest[column]!, other.#largest[column]!);
    });
  }

  column(column: number): ValueRuns {
    const [values, counts]: [number[], number[]] = [[], []];
    for (let high = 0; high < pageBins; high++) {
      const page = this.#pages[column * pageBins + high]!;
      for (let bin = 0; page !== noPage && bin < pageBins; bin++) {
        const count = this.#counts[page + bin]!;
        if (count === 0) continue;
        const middle = Math.min(this.#largest[column]!, Math.max(this.#least[column]!, middleOf((high << 8) | bin)));
        values.push(middle);
        counts.push(count);
      }
    }
    return withExtremes(values, counts, this.#least[column]!, this.#largest[column]!);
  }

  /** Where the counts of a page start. */
  #pageOf(column: number, high: number): number {
    const known = this.#pages[column * pageBins + high]!;
    if (known !== noPage) return known;
    const start = this.#used * pageBins;
    if (start === this.#counts.length) {
      const larger = new Uint32Array(2 * start);
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#used++;
    this.#pages[column * pageBins + high] = start;
    return start;
  }
}

const word = new Uint32Array(1);
const number = new Float32Array(word.buffer);

/** The middle of the values whose ordered bits begin with a key; 0 for those closest to 0. */
function middleOf(key: number): number {
  const ordered = ((key << 16) | 0x8000) >>> 0;
  word[0] = ordered >>> 31 ? ordered ^ 0x80000000 : ~ordered;
  return Math.abs(number[0]!) < 2 ** -126 ? 0 : number[0]!;
}

/** One of the first and one of the last are known exactly. */
function withExtremes(values: number[], counts: number[], least: number, largest: number): ValueRuns {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (rows < 2) return { values: Float32Array.from(values, () => least), counts: Uint32Array.from(counts) };
  counts[0]!--;
  counts[counts.length - 1]!--;
  return { values: Float32Array.of(least, ...values, largest), counts: Uint32Array.of(1, ...counts, 1) };
}
