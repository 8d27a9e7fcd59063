import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { type CentralSums, GramSums } from "./gram-sums.js";

/**
 * Adds rows to float64 sums of products of shifted columns, and to the sums and squares of the columns.
 *
 * `sums` is columns × (2 · padded others) and `totals` columns × 4: two u32 hold one float64 (native) or a pair of f32,
 * high and low (WebGPU). With option `symmetric` there is no y, others = columns, and only others ≥ columns is complete.
 */
export const gramKernel = describeKernel({
  name: "gram",
  operands: {
    x: { type: "f32", access: "read" },
    y: { type: "f32", access: "read", optional: true },
    shift: { type: "f32", access: "read" },
    otherShift: { type: "f32", access: "read", optional: true },
    sums: { type: "u32", access: "update" },
    totals: { type: "u32", access: "update" },
    otherTotals: { type: "u32", access: "update", optional: true },
  },
  parameters: { rows: "u32", columns: "u32", others: "u32" },
  options: ["symmetric"],
  groups: ({ rows, columns, others }, _, { symmetric }) => {
    if (rows * columns * others === 0) return 0;
    const [down, across] = [Math.ceil(columns / 128), Math.ceil(others / 128)];
    if (symmetric) return (across * (across + 1)) / 2 + Math.ceil(columns / 256);
    return down * across + Math.ceil(columns / 256) + Math.ceil(others / 256);
  },
  axes: { rows: { x: 0, y: 0 } },
});

/** Columns side by side, over the same rows. */
export interface GramInput {
  readonly rows: number;
  readonly columns: number;
  /** rows × columns values. */
  readonly x: Float32Array;
  /** Columns of `y`. */
  readonly others?: number;
  /** rows × others values; x itself where left out. */
  readonly y?: Float32Array;
}

/**
 * Central sums of products Σ_t (x[t, i] − mean_i)(y[t, j] − mean_j) of every column of x with every column of y.
 *
 * @throws ArgumentError if x or y has not the size that rows and columns say, or there is no row
 */
export async function gram(device: Device, input: GramInput): Promise<CentralSums> {
  using sums = await sumAll(device, input);
  return await sums.central();
}

/**
 * Pearson correlation of every column of x with every column of y, right to 1e-7 on the native device.
 *
 * @returns columns × others values in [-1, 1]; 0 where a column is constant
 * @throws ArgumentError if x or y has not the size that rows and columns say, or there is no row
 */
export async function correlate(device: Device, input: GramInput): Promise<Float32Array> {
  using sums = await sumAll(device, input);
  return await sums.correlation();
}

async function sumAll(device: Device, { rows, columns, others = columns, x, y }: GramInput): Promise<GramSums> {
  if (!Number.isSafeInteger(rows) || rows < 1) throw new ArgumentError("rows", "a positive integer", rows);
  if (x.length !== rows * columns) throw new ArgumentError("x", `${rows} × ${columns} values`, x.length);
  if (y && y.length !== rows * others) throw new ArgumentError("y", `${rows} × ${others} values`, y.length);
  const sums = new GramSums(device, columns, y ? others : null);
  using left = device.upload(x);
  using right = y ? device.upload(y) : undefined;
  await sums.add(left, rows, right);
  return sums;
}
