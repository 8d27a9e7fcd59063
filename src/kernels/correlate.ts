import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import type { CentralSums } from "./central-sums.js";
import { GramSums } from "./gram-sums.js";

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
