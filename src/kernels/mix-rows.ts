import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Weighted sums of two rows each: out[i] = shares[i, 0] · x[index[i, 0]] + shares[i, 1] · x[index[i, 1]] + bias.
 *
 * Rows past the `sourceRows` rows of x are an error on native and count as zeros on a GPU.
 */
export const mixRowsKernel = describeKernel({
  name: "mix-rows",
  operands: {
    x: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    shares: { type: "f32", access: "read" },
    bias: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { index: 0, shares: 0, out: 0 }, width: { x: 1, bias: 0, out: 1 }, sourceRows: { x: 0 } },
  whole: ["sourceRows"],
});

export interface MixRowsInput {
  /** Rows of `width` values. */
  readonly x: Float32Array;
  readonly width: number;
  /** rows × 2 numbers of rows of x. */
  readonly index: Uint32Array;
  /** rows × 2 factors. */
  readonly shares: Float32Array;
  /** width values. */
  readonly bias?: Float32Array;
}

/** Sums of two weighted rows. @returns rows × width values @throws ArgumentError for a row that x lacks */
export async function mixRows(device: Device, { x, width, index, shares, bias }: MixRowsInput): Promise<Float32Array> {
  const [rows, sourceRows] = [index.length / 2, Math.floor(x.length / width)];
  const stranger = index.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const operands = {
    x: given(x, [sourceRows, width], "x"),
    index: given(index, [rows, 2], "index"),
    shares: given(shares, [rows, 2], "shares"),
    ...(bias && { bias: given(bias, [width], "bias") }),
    out: wanted("f32", [rows, width]),
  };
  const { out } = await runOnce(device, mixRowsKernel, operands, { rows, width, sourceRows });
  return out as Float32Array;
}
