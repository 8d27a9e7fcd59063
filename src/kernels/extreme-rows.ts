import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { noRow, rowsOf } from "./masks.js";
import { given, runOnce } from "./run-once.js";

/**
 * The rows on which every column is largest and smallest, of those seen so far. A column has 2 · count places in
 * `extremes` (values) and `places` (rows): the largest, then the smallest, best first, ties to the lower row; a place
 * that no row took holds −∞ or ∞ and `noRow`; −0 comes back as 0. Row r of x is row firstRow + r; blocks may come in any order.
 * `strange` has, per column, the least row that holds NaN or an infinity (`noRow` to begin with), and that number's bits.
 */
export const extremeRowsKernel = describeKernel({
  name: "extreme-rows",
  operands: {
    x: { type: "f32", access: "read" },
    extremes: { type: "f32", access: "update" },
    places: { type: "u32", access: "update" },
    strange: { type: "u32", access: "update" },
  },
  parameters: { rows: "u32", columns: "u32", count: "u32", firstRow: "u32" },
  groups: ({ rows, columns }) => (rows === 0 ? 0 : Math.ceil(columns / 32)),
  axes: { columns: { x: 1, extremes: 0, places: 0, strange: 0 } },
  extents: { rows: { x: 0 } },
});

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
 * The `count` rows on which each column is largest and the `count` on which it is smallest; all rows where there are
 * fewer.
 *
 * @param x activations, rows × columns, row-major
 * @throws ArgumentError for a count that is not positive, and with row and column for a number that is not finite
 */
export async function extremeRows(device: Device, x: Float32Array, columns: number, count: number): Promise<Extremes> {
  checkCount(count);
  const rows = rowsOf(x, columns);
  const kept = Math.min(count, rows);
  const { extremes, places, strange } = noExtremeRows(columns, kept);
  if (kept * columns === 0) return readExtremes(extremes, places, columns);
  const found = await runOnce(
    device,
    extremeRowsKernel,
    {
      x: given(x, [rows, columns]),
      extremes: given(extremes, [columns, 2 * kept]),
      places: given(places, [columns, 2 * kept]),
      strange: given(strange, [columns, 2]),
    },
    { rows, columns, count: kept, firstRow: 0 },
  );
  const odd = firstStrange(found.strange as Uint32Array);
  if (odd) throw new ArgumentError(`row ${odd.row} of column ${odd.column}`, "a finite number", odd.value);
  return readExtremes(found.extremes as Float32Array, found.places as Uint32Array, columns);
}

/** @throws ArgumentError */
export function checkCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 1) throw new ArgumentError("count", "a whole number from 1 on", count);
}

/** What the kernel finds before it has seen a row. */
export function noExtremeRows(columns: number, count: number) {
  return {
    extremes: Float32Array.from({ length: 2 * columns * count }, (_, i) =>
      i % (2 * count) < count ? -Infinity : Infinity,
    ),
    places: new Uint32Array(2 * columns * count).fill(noRow),
    strange: Uint32Array.from({ length: 2 * columns }, (_, i) => (i % 2 === 0 ? noRow : 0)),
  };
}

/** What stands in the kernel's places, without those that no row took. */
export function readExtremes(extremes: Float32Array, places: Uint32Array, columns: number): Extremes {
  const count = columns === 0 ? 0 : places.length / columns / 2;
  const end = (which: number) =>
    Array.from({ length: columns }, (_, column): ExtremeRows => {
      const start = (2 * column + which) * count;
      const all = places.subarray(start, start + count);
      const none = all.indexOf(noRow);
      const taken = none < 0 ? count : none;
      return { rows: all.slice(0, taken), values: extremes.slice(start, start + taken) };
    });
  return { largest: end(0), smallest: end(1) };
}

/** The first number, row by row, that is not finite; null where all are. */
export function firstStrange(strange: Uint32Array): { row: number; column: number; value: number } | null {
  let first = -1;
  for (let at = 0; at < strange.length; at += 2) {
    if (strange[at] !== noRow && (first < 0 || strange[at]! < strange[first]!)) first = at;
  }
  if (first < 0) return null;
  const value = new Float32Array(strange.slice(first + 1, first + 2).buffer)[0]!;
  return { row: strange[first]!, column: first / 2, value };
}
