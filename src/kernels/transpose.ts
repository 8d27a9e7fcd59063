import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { rowsOf } from "./masks.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Columns of a block of rows, each gathered into a run of its own: out[c, firstRow + r] = x[r, firstColumn + c]. */
export const transposeKernel = describeKernel({
  name: "transpose",
  operands: { x: { type: "f32", access: "read" }, out: { type: "f32", access: "update" } },
  parameters: { rows: "u32", columns: "u32", firstRow: "u32", firstColumn: "u32" },
  groups: ({ rows, columns }) => Math.ceil(columns / 32) * Math.ceil(rows / 32),
  extents: { rows: { x: 0 } },
});

/** The columns first … first + count − 1 of rows × columns as count × rows, one run per column. */
export async function transpose(
  device: Device,
  x: Float32Array,
  columns: number,
  first = 0,
  count = columns - first,
): Promise<Float32Array> {
  const rows = rowsOf(x, columns);
  if (!(first >= 0 && count >= 0 && first + count <= columns)) {
    throw new ArgumentError("first and count", `a range of ${columns} columns`, [first, count]);
  }
  if (rows * count === 0) return new Float32Array();
  const { out } = await runOnce(
    device,
    transposeKernel,
    { x: given(x, [rows, columns]), out: wanted("f32", [count, rows]) },
    { rows, columns: count, firstRow: 0, firstColumn: first },
  );
  return out as Float32Array;
}
