import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * What is linear in the norm of each row: (x − mean) · weight, or x · weight where option `centred` is 0. Of a layer norm,
 * or of an RMS norm, this lacks the division by σ, and the bias: the norm of a weighted sum of rows is the sum of these
 * with the shares that norm-shares gives.
 */
export const normPartsKernel = describeKernel({
  name: "norm-parts",
  operands: {
    x: { type: "f32", access: "read" },
    weight: { type: "f32", access: "read" },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32" },
  options: ["centred"],
  groups: ({ rows }) => rows,
  axes: { rows: { x: 0, out: 0 } },
});

export interface NormPartsInput {
  /** rows × width. */
  readonly x: Float32Array;
  /** width numbers. */
  readonly weight: Float32Array;
  readonly norm: "layer" | "rms";
}

/** The linear part of a norm. @returns rows × width values */
export async function normParts(device: Device, { x, weight, norm }: NormPartsInput): Promise<Float32Array> {
  const width = weight.length;
  const rows = Math.floor(x.length / width);
  const operands = {
    x: given(x, [rows, width], "x"),
    weight: given(weight, [width]),
    out: wanted("f32", [rows, width]),
  };
  const { out } = await runOnce(
    device,
    normPartsKernel,
    operands,
    { rows, width },
    { centred: norm === "layer" ? 1 : 0 },
  );
  return out as Float32Array;
}
