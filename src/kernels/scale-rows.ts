import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce } from "./run-once.js";

/**
 * Every row times a number of its own, and a bias: out[i] = scale[i, 0] · out[i] + bias, in place. Where there is a second
 * matrix, a row of it is added to each: scale[i, 1] · rest[index[i]].
 *
 * Rows past the `sourceRows` rows of `rest` are an error on native and count as zeros on a GPU.
 */
export const scaleRowsKernel = describeKernel({
  name: "scale-rows",
  operands: {
    scale: { type: "f32", access: "read" },
    rest: { type: "f32", access: "read", optional: true },
    index: { type: "u32", access: "read", optional: true },
    bias: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { scale: 0, index: 0, out: 0 }, width: { rest: 1, bias: 0, out: 1 }, sourceRows: { rest: 0 } },
  whole: ["sourceRows"],
});

export interface ScaleRowsInput {
  /** rows × width values. */
  readonly x: Float32Array;
  readonly width: number;
  /** A factor for each row; two where there is a rest. */
  readonly scale: Float32Array;
  /** More rows of `width` values, and for each row of x the one that is added to it. */
  readonly rest?: { readonly rows: Float32Array; readonly index: Uint32Array };
  /** width values. */
  readonly bias?: Float32Array;
}

/** Scaled rows. @returns as many values as x has @throws ArgumentError for a row that the rest lacks */
export async function scaleRows(
  device: Device,
  { x, width, scale, rest, bias }: ScaleRowsInput,
): Promise<Float32Array> {
  const [rows, sourceRows] = [Math.floor(x.length / width), rest ? Math.floor(rest.rows.length / width) : 0];
  if (rows === 0) return new Float32Array(0);
  const stranger = rest?.index.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const operands = {
    scale: given(scale, [rows, rest ? 2 : 1], "scale"),
    ...(rest && { rest: given(rest.rows, [sourceRows, width], "rest"), index: given(rest.index, [rows], "index") }),
    ...(bias && { bias: given(bias, [width], "bias") }),
    out: given(x, [rows, width], "x"),
  };
  const { out } = await runOnce(device, scaleRowsKernel, operands, { rows, width, sourceRows });
  return out as Float32Array;
}
