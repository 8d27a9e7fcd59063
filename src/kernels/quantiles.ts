import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { noRow, rejectNan, rowsOf } from "./masks.js";
import { given, runOnce } from "./run-once.js";

/**
 * One step of an exact search for a quantile of every column: adds to `counts` how often each byte follows the
 * `digit` highest bytes of `prefix` in the column's keys. `nan` as in `masksKernel` (looked for where digit = 0).
 */
export const quantilesKernel = describeKernel({
  name: "quantiles",
  operands: {
    x: { type: "f32", access: "read" },
    prefix: { type: "u32", access: "read" },
    counts: { type: "u32", access: "update" },
    nan: { type: "u32", access: "update" },
  },
  parameters: { rows: "u32", columns: "u32", firstRow: "u32" },
  options: ["digit"],
  groups: ({ rows, columns }) => Math.ceil(columns / 16) * Math.ceil(rows / 1024),
  axes: { columns: { x: 1, prefix: 0, counts: 0, nan: 0 } },
  extents: { rows: { x: 0 } },
});

/**
 * The threshold above which a share of each column's values lies: with k = ⌊share · rows⌋, the largest value that
 * exactly k values may exceed, which is the (k + 1)-th largest. No interpolation: the threshold is one of the values.
 * At most k values are above it; fewer where it is tied, because a value equal to the threshold is not above it.
 *
 * @param x activations, rows × columns, row-major, at least one row
 * @param share in (0, 1): the α of the (1 − α) quantile
 * @returns one threshold per column; −0 comes back as 0
 * @throws ArgumentError that names row and column of a NaN
 */
export async function quantiles(
  device: Device,
  x: Float32Array,
  columns: number,
  share: number,
): Promise<Float32Array> {
  const rows = rowsOf(x, columns);
  if (rows === 0) throw new ArgumentError("x", "at least one row", rows);
  const search = new QuantileSearch(columns, rowsAbove(share, rows));
  for (const digit of quantileDigits) {
    const { counts, nan } = await runOnce(
      device,
      quantilesKernel,
      {
        x: given(x, [rows, columns]),
        prefix: given(search.prefix, [columns]),
        counts: given(new Uint32Array(columns * 256), [columns, 256]),
        nan: given(new Uint32Array(columns).fill(noRow), [columns]),
      },
      { rows, columns, firstRow: 0 },
      { digit },
    );
    rejectNan(nan);
    search.follow(digit, counts);
  }
  return search.thresholds();
}

/** How many of `rows` values a share of them is: ⌊share · rows⌋. @throws ArgumentError unless 0 < share < 1 */
export function rowsAbove(share: number, rows: number): number {
  if (!(share > 0 && share < 1)) throw new ArgumentError("quantile", "a number between 0 and 1", share);
  return Math.floor(share * rows + 1e-9); // .29 · 100 is 28.999999999999996
}

/** The passes of a search, highest byte first. */
export const quantileDigits = [0, 1, 2, 3] as const;

/** Where the search for one quantile of every column stands: the bytes of the threshold's key that are known. */
export class QuantileSearch {
  readonly prefix: Uint32Array<ArrayBuffer>;
  /** How many values above the threshold still lie among those that follow the prefix. */
  readonly #above: Uint32Array;

  /** @param above k: how many values exceed the threshold where none is tied with it; less than the rows */
  constructor(columns: number, above: number) {
    this.prefix = new Uint32Array(columns);
    this.#above = new Uint32Array(columns).fill(above);
  }

  /** Takes the counts of one pass over all rows, columns × 256, and chooses the byte of every column. */
  follow(digit: number, counts: ArrayLike<number>): void {
    this.prefix.forEach((known, column) => {
      let byte = 255;
      let above = this.#above[column]!;
      for (; byte > 0 && counts[column * 256 + byte]! <= above; byte--) above -= counts[column * 256 + byte]!;
      this.#above[column] = above;
      this.prefix[column] = known | (byte << (24 - 8 * digit));
    });
  }

  /** The thresholds, when all bytes are known. */
  thresholds(): Float32Array<ArrayBuffer> {
    const bits = this.prefix.map((key) => (key & 0x80000000 ? key & 0x7fffffff : ~key));
    return new Float32Array(bits.buffer);
  }
}
