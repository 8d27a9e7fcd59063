import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce } from "./run-once.js";

/** Every row times a number of its own, and a bias: out[i] = scale[i] · out[i] + bias, in place. */
export const scaleRowsKernel = describeKernel({
  name: "scale-rows",
  operands: {
    scale: { type: "f32", access: "read" },
    bias: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { scale: 0, out: 0 } },
});

/** Scaled rows. @param x scale.length × width values @param bias width values */
export async function scaleRows(
  device: Device,
  x: Float32Array,
  scale: Float32Array,
  bias?: Float32Array,
): Promise<Float32Array> {
  const rows = scale.length;
  if (rows === 0) return new Float32Array(0);
  const width = Math.floor(x.length / rows);
  const operands = {
    scale: given(scale, [rows]),
    ...(bias && { bias: given(bias, [width], "bias") }),
    out: given(x, [rows, width], "x"),
  };
  const { out } = await runOnce(device, scaleRowsKernel, operands, { rows, width });
  return out as Float32Array;
}
