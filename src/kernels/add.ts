import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Scaled sum of two matrices: out = x + scale · y, or out += scale · y where x is left out. */
export const addKernel = describeKernel({
  name: "add",
  operands: {
    x: { type: "f32", access: "read", optional: true },
    y: { type: "f32", access: "read" },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32", scale: "f32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { x: 0, y: 0, out: 0 } },
});

/** x + scale · y, element by element. @throws ArgumentError if y is not as long as x */
export async function add(device: Device, x: Float32Array, y: Float32Array, scale = 1): Promise<Float32Array> {
  const shape = [1, x.length];
  const operands = { x: given(x, shape), y: given(y, shape, "y"), out: wanted("f32", shape) };
  const { out } = await runOnce(device, addKernel, operands, { rows: 1, width: x.length, scale });
  return out as Float32Array;
}
