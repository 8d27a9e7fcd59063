import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Softmax of scale · x along every row; in place on `out` where x is left out. */
export const softmaxKernel = describeKernel({
  name: "softmax",
  operands: {
    x: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32", scale: "f32" },
  groups: ({ rows }) => rows,
  axes: { rows: { x: 0, out: 0 } },
});

/** Softmax of scale · x along rows of `width` columns. @returns rows × width values that sum to 1 along a row */
export async function softmax(device: Device, x: Float32Array, width: number, scale = 1): Promise<Float32Array> {
  const rows = Math.floor(x.length / width);
  const operands = { x: given(x, [rows, width], "x"), out: wanted("f32", [rows, width]) };
  const { out } = await runOnce(device, softmaxKernel, operands, { rows, width, scale });
  return out as Float32Array;
}
