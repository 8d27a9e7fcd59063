import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** The row number that means no row: zeros are written there. */
export const NO_ROW = 0xffffffff;

/**
 * Rows by number: out[i] = x[index[i]], zeros where index[i] is `NO_ROW`.
 *
 * Other numbers past the `sourceRows` rows of x are an error on native and give zeros on a GPU.
 */
export const gatherRowsKernel = describeKernel({
  name: "gather-rows",
  operands: {
    x: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { index: 0, out: 0 }, sourceRows: { x: 0 } },
  whole: ["sourceRows"],
});

/**
 * Rows of a matrix by number.
 *
 * @param x rows of `width` columns
 * @returns index.length × width values
 * @throws ArgumentError for a number that is neither a row of x nor `NO_ROW`
 */
export async function gatherRows(
  device: Device,
  x: Float32Array,
  width: number,
  index: Uint32Array,
): Promise<Float32Array> {
  const sourceRows = Math.floor(x.length / width);
  const rows = index.length;
  const stranger = index.find((row) => row >= sourceRows && row !== NO_ROW);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const operands = {
    x: given(x, [sourceRows, width], "x"),
    index: given(index, [rows]),
    out: wanted("f32", [rows, width]),
  };
  const { out } = await runOnce(device, gatherRowsKernel, operands, { rows, width, sourceRows });
  return out as Float32Array;
}
