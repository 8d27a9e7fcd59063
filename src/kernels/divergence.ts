import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Kullback and Leibler's divergence of row pairs of logits in nats: KL(p ‖ q), p = softmax(before), q = softmax(after).
 *
 * Row i of `after` is compared with row index[i] of `before` (which has `sourceRows`), or with row i where
 * `index` is left out; the result is 0 where index[i] is 2³² − 1.
 */
export const divergenceKernel = describeKernel({
  name: "divergence",
  operands: {
    before: { type: "f32", access: "read" },
    after: { type: "f32", access: "read" },
    index: { type: "u32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", width: "u32", sourceRows: "u32" },
  groups: ({ rows }) => rows,
  axes: { rows: { after: 0, index: 0, out: 0 }, sourceRows: { before: 0 } },
  whole: ["rows", "sourceRows"],
});

/**
 * Divergences of pairs of rows of logits, in nats, ≥ 0; small ones keep their digits.
 *
 * @param before rows of `width` columns
 * @param index the row of `before` for each row of `after`; left out: the same row
 * @returns one number per row of `after`
 * @throws ArgumentError for an index that is neither a row of `before` nor 2³² − 1
 */
export async function divergence(
  device: Device,
  before: Float32Array,
  after: Float32Array,
  width: number,
  index?: Uint32Array,
): Promise<Float32Array> {
  const rows = Math.floor(after.length / width);
  const sourceRows = Math.floor(before.length / width);
  const stranger = index?.find((row) => row >= sourceRows && row !== 0xffffffff);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  if (!index && sourceRows !== rows) throw new ArgumentError("before", `${rows} rows like after`, sourceRows);
  const operands = {
    before: given(before, [sourceRows, width], "before"),
    after: given(after, [rows, width], "after"),
    ...(index && { index: given(index, [rows], "index") }),
    out: wanted("f32", [rows]),
  };
  const { out } = await runOnce(device, divergenceKernel, operands, { rows, width, sourceRows });
  return out as Float32Array;
}
