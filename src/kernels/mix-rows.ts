import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Weighted sums of two rows each: out[i] = shares[i, 0] · x[index[i, 0]] + shares[i, 1] · x[index[i, 1]] + bias. Where there
 * is a second matrix, a third row is added to each: shares[i, 2] · rest[index[i, 0]].
 *
 * Rows past the `sourceRows` rows of x are an error on native and count as zeros on a GPU.
 */
export const mixRowsKernel = describeKernel({
  name: "mix-rows",
  operands: {
    x: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    shares: { type: "f32", access: "read" },
    rest: { type: "f32", access: "read", optional: true },
    bias: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { index: 0, shares: 0, out: 0 }, width: { x: 1, rest: 1, bias: 0, out: 1 }, sourceRows: { x: 0 } },
  whole: ["sourceRows"],
});

export interface MixRowsInput {
  /** Rows of `width` values. */
  readonly x: Float32Array;
  readonly width: number;
  /** rows × 2 numbers of rows of x. */
  readonly index: Uint32Array;
  /** rows × 2 factors, or rows × 3. */
  readonly shares: Float32Array;
  /** More rows of `width` values, as many as the first numbers of `index` speak of. */
  readonly rest?: Float32Array;
  /** width values. */
  readonly bias?: Float32Array;
}

/** Sums of weighted rows. @returns rows × width values @throws ArgumentError for a row that x or `rest` lacks */
export async function mixRows(device: Device, input: MixRowsInput): Promise<Float32Array> {
  const { x, width, index, shares, rest, bias } = input;
  const [rows, sourceRows] = [index.length / 2, Math.floor(x.length / width)];
  const stranger = index.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const restRows = rest ? Math.floor(rest.length / width) : sourceRows;
  const past = index.find((row, at) => at % 2 === 0 && row >= restRows);
  if (past !== undefined) throw new ArgumentError("index", `first rows below ${restRows}`, past);
  const operands = {
    x: given(x, [sourceRows, width], "x"),
    index: given(index, [rows, 2], "index"),
    shares: given(shares, [rows, rest ? 3 : 2], "shares"),
    ...(rest && { rest: given(rest, [restRows, width], "rest") }),
    ...(bias && { bias: given(bias, [width], "bias") }),
    out: wanted("f32", [rows, width]),
  };
  const { out } = await runOnce(device, mixRowsKernel, operands, { rows, width, sourceRows });
  return out as Float32Array;
}
