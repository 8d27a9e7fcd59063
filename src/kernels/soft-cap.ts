import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Soft cap (Gemma Team 2024): cap · tanh(x / cap), which stays between −cap and cap; in place on `out` where x is
 * left out.
 */
export const softCapKernel = describeKernel({
  name: "soft-cap",
  operands: {
    x: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "update" },
  },
  parameters: { rows: "u32", width: "u32", cap: "f32" },
  groups: ({ rows, width }) => Math.ceil((rows * width) / 256),
  axes: { rows: { x: 0, out: 0 } },
});

/** cap · tanh(x / cap), element by element. @throws ArgumentError for a cap that is not positive */
export async function softCap(device: Device, x: Float32Array, cap: number): Promise<Float32Array> {
  if (!(cap > 0 && Number.isFinite(cap))) throw new ArgumentError("cap", "a positive number", cap);
  const shape = [1, x.length];
  const operands = { x: given(x, shape), out: wanted("f32", shape) };
  const { out } = await runOnce(device, softCapKernel, operands, { rows: 1, width: x.length, cap });
  return out as Float32Array;
}
