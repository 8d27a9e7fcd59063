import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * The norm of a sum as a sum of norms. With u = basis[index[i, 0]], w = basis[index[i, 1]] and x[i] = u + difference[i] · w,
 *
 *     norm(x[i]) = shares[i, 0] · norm(u) + shares[i, 1] · norm(w),  shares = (σ(u) / σ(x), difference · σ(w) / σ(x))
 *
 * where σ is √(variance + epsilon), or √(mean square + epsilon) where option `centred` is 0: that of a layer norm without its
 * bias, or of an RMS norm. Rows past the `sourceRows` rows of the basis are an error on native and give zeros on a GPU.
 */
export const normSharesKernel = describeKernel({
  name: "norm-shares",
  operands: {
    x: { type: "f32", access: "read" },
    basis: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    difference: { type: "f32", access: "read" },
    shares: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32", epsilon: "f32" },
  options: ["centred"],
  groups: ({ rows }) => rows,
  axes: { rows: { x: 0, index: 0, difference: 0, shares: 0 }, sourceRows: { basis: 0 } },
  whole: ["sourceRows"],
});

export interface NormSharesInput {
  /** rows × width: the sums. */
  readonly x: Float32Array;
  /** Rows of `width` values. */
  readonly basis: Float32Array;
  /** rows × 2 numbers of rows of the basis. */
  readonly index: Uint32Array;
  /** What the second row of each sum is multiplied by. */
  readonly difference: Float32Array;
  readonly norm: "layer" | "rms";
}

/** How much of two norms the norm of each sum has. @returns rows × 2 factors @throws ArgumentError for a row that the basis lacks */
export async function normShares(
  device: Device,
  { x, basis, index, difference, norm }: NormSharesInput,
  epsilon = 1e-5,
): Promise<Float32Array> {
  const rows = difference.length;
  if (rows === 0) return new Float32Array(0);
  const width = x.length / rows;
  const sourceRows = Math.floor(basis.length / width);
  const stranger = index.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const { shares } = await runOnce(
    device,
    normSharesKernel,
    {
      x: given(x, [rows, width], "x"),
      basis: given(basis, [sourceRows, width], "basis"),
      index: given(index, [rows, 2], "index"),
      difference: given(difference, [rows]),
      shares: wanted("f32", [rows, 2]),
    },
    { rows, width, sourceRows, epsilon },
    { centred: norm === "layer" ? 1 : 0 },
  );
  return shares as Float32Array;
}
