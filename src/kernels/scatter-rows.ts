import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { NO_ROW } from "./gather-rows.js";
import { given, runOnce } from "./run-once.js";

/**
 * Writes rows to places by number: out[index[i]] = x[i]; a row whose number is `NO_ROW` is left out, and rows of `out`
 * that no number names stay as they are. No number stands twice.
 *
 * Other numbers past the `targetRows` rows of `out` are an error on native and write nothing on a GPU.
 */
export const scatterRowsKernel = describeKernel({
  name: "scatter-rows",
  operands: {
    x: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32", targetRows: "u32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { x: 0, index: 0 }, targetRows: { out: 0 } },
  whole: ["targetRows"],
});

export interface ScatterRowsInput {
  /** index.length × width. */
  readonly x: Float32Array;
  readonly index: Uint32Array;
  /** What `out` holds before, targetRows × width. */
  readonly out: Float32Array;
  readonly width: number;
}

/** `out` with some rows replaced. @throws ArgumentError for a number that is neither a row of `out` nor `NO_ROW` */
export async function scatterRows(device: Device, { x, index, out, width }: ScatterRowsInput): Promise<Float32Array> {
  const targetRows = Math.floor(out.length / width);
  const rows = index.length;
  const stranger = index.find((row) => row >= targetRows && row !== NO_ROW);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${targetRows}`, stranger);
  const operands = {
    x: given(x, [rows, width], "x"),
    index: given(index, [rows]),
    out: given(out, [targetRows, width], "out"),
  };
  const result = await runOnce(device, scatterRowsKernel, operands, { rows, width, targetRows });
  return result.out as Float32Array;
}
