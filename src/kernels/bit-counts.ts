import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** How many bits of every row are set. */
export const bitCountsKernel = describeKernel({
  name: "bit-counts",
  operands: { bits: { type: "u32", access: "read" }, counts: { type: "u32", access: "write" } },
  parameters: { rows: "u32", words: "u32" },
  groups: ({ rows }) => Math.ceil(rows / 8),
  axes: { rows: { bits: 0, counts: 0 } },
});

/** How many bits of every row are set: `matrix.rows` exact counts. */
export async function bitCounts(device: Device, matrix: BitMatrix): Promise<Uint32Array> {
  const words = wordsPerRow(matrix.columns);
  if (matrix.rows * words === 0) return new Uint32Array(matrix.rows);
  const { counts } = await runOnce(
    device,
    bitCountsKernel,
    { bits: given(matrix.bits, [matrix.rows, words]), counts: wanted("u32", [matrix.rows]) },
    { rows: matrix.rows, words },
  );
  return counts as Uint32Array;
}
