import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce } from "./run-once.js";

/** What a kernel that looks for NaN leaves where there is none. */
export const noRow = 0xffffffff;

/**
 * Bit masks of columns: bit firstRow + r of row c of `bits` is set where x[r, c] > threshold[c]; bits are 0 to begin with. `nan` holds, per column,
 * the least row that holds NaN so far (`noRow` to begin with).
 */
export const masksKernel = describeKernel({
  name: "masks",
  operands: {
    x: { type: "f32", access: "read" },
    threshold: { type: "f32", access: "read" },
    bits: { type: "u32", access: "update" },
    nan: { type: "u32", access: "update" },
  },
  parameters: { rows: "u32", columns: "u32", firstRow: "u32" },
  groups: ({ rows, columns }) => Math.ceil(columns / 32) * Math.ceil((rows + 31) / 256),
  axes: { columns: { x: 1, threshold: 0, bits: 0, nan: 0 } },
  extents: { rows: { x: 0 } },
});

/**
 * Masks of activations: which rows of every column lie above that column's threshold.
 *
 * @param x activations, rows × threshold.length, row-major
 * @param threshold one per column; a value equal to it is off
 * @returns columns × rows bits
 * @throws ArgumentError that names row and column of a NaN
 */
export async function masks(device: Device, x: Float32Array, threshold: Float32Array): Promise<BitMatrix> {
  const columns = threshold.length;
  const rows = rowsOf(x, columns);
  const words = wordsPerRow(rows);
  if (columns * words === 0) return { bits: new Uint32Array(), rows: columns, columns: rows };
  const { bits, nan } = await runOnce(
    device,
    masksKernel,
    {
      x: given(x, [rows, columns]),
      threshold: given(threshold, [columns]),
      bits: given(new Uint32Array(columns * words), [columns, words]),
      nan: given(new Uint32Array(columns).fill(noRow), [columns]),
    },
    { rows, columns, firstRow: 0 },
  );
  rejectNan(nan);
  return { bits: bits as Uint32Array, rows: columns, columns: rows };
}

/** The rows that an array of rows × columns has. @throws ArgumentError if it is no such array */
export function rowsOf(x: Float32Array, columns: number): number {
  const rows = columns === 0 ? 0 : x.length / columns;
  if (!Number.isInteger(rows)) throw new ArgumentError("x", `a whole number of rows of ${columns} columns`, x);
  return rows;
}

/** @param nan the first row of each column that holds NaN, or `noRow`. @throws ArgumentError that names the first */
export function rejectNan(nan: ArrayLike<number>): void {
  const rows = Array.from(nan);
  const row = rows.reduce((least, found) => Math.min(least, found), noRow);
  if (row === noRow) return;
  throw new ArgumentError(`row ${row} of column ${rows.indexOf(row)}`, "a number", Number.NaN);
}
