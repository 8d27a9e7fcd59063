import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { rowsOf } from "./masks.js";
import { type ColumnMoments, momentsFromSums, noExtremes } from "./moment-sums.js";
import { given, runOnce } from "./run-once.js";

/**
 * Sums of powers of every column, added to what stands there: with d = x[r, c] − shift[c], `sums` holds Σd, Σd², Σd³
 * and Σd⁴, each as a row of high parts and a row of low parts; `extremes` the least and the largest x; `counts` how
 * many x lie below `low` and above `high`.
 */
export const momentsKernel = describeKernel({
  name: "moments",
  operands: {
    x: { type: "f32", access: "read" },
    shift: { type: "f32", access: "read" },
    sums: { type: "f32", access: "update" },
    extremes: { type: "f32", access: "update" },
    counts: { type: "u32", access: "update" },
  },
  parameters: { rows: "u32", columns: "u32", low: "f32", high: "f32" },
  groups: ({ rows, columns }) => (rows === 0 ? 0 : Math.ceil(columns / 32)),
  axes: { columns: { x: 1, shift: 0, sums: 1, extremes: 1, counts: 1 } },
  extents: { rows: { x: 0 } },
});

/** Where a column counts as low and as high; both 0 where left out. */
export interface Bounds {
  readonly low?: number;
  readonly high?: number;
}

/**
 * Mean, variance, skewness and kurtosis, extremes and counts of every column, from one pass over the values and a
 * provisional mean of the first rows. NaN and infinities make a column's moments NaN.
 *
 * @param x activations, rows × columns, row-major, at least one row
 */
export async function moments(
  device: Device,
  x: Float32Array,
  columns: number,
  { low = 0, high = 0 }: Bounds = {},
): Promise<ColumnMoments> {
  const rows = rowsOf(x, columns);
  const shift = provisionalMeans(x, columns);
  if (rows * columns === 0) return momentsFromSums(rows, shift, new Float32Array(8 * columns), noExtremes(columns));
  const { sums, extremes, counts } = await runOnce(
    device,
    momentsKernel,
    {
      x: given(x, [rows, columns]),
      shift: given(shift, [columns]),
      sums: given(new Float32Array(8 * columns), [8, columns]),
      extremes: given(noExtremes(columns), [2, columns]),
      counts: given(new Uint32Array(2 * columns), [2, columns]),
    },
    { rows, columns, low, high },
  );
  return momentsFromSums(rows, shift, sums as Float32Array, extremes as Float32Array, counts as Uint32Array);
}

/** Rows whose mean is near enough to the mean of all that no digits are lost. */
export const PROVISIONAL_ROWS = 1000;

/** The mean of each column's first thousand values; 0 where it is not finite. */
export function provisionalMeans(x: Float32Array, columns: number): Float32Array<ArrayBuffer> {
  const sums = new Float64Array(columns);
  const rows = Math.min(PROVISIONAL_ROWS, columns === 0 ? 0 : x.length / columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) sums[column]! += x[row * columns + column]!;
  }
  return Float32Array.from(sums, (sum) => (rows > 0 && Number.isFinite(sum) ? sum / rows : 0));
}
