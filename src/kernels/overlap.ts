import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { bitCounts } from "./bit-counts.js";
import { given, runOnce, wanted } from "./run-once.js";

/** How many bits every row of `a` shares with every row of `b`; exact. */
export const overlapKernel = describeKernel({
  name: "overlap",
  operands: {
    a: { type: "u32", access: "read" },
    b: { type: "u32", access: "read" },
    counts: { type: "u32", access: "write" },
  },
  parameters: { rowsA: "u32", rowsB: "u32", words: "u32" },
  groups: ({ rowsA, rowsB }) => Math.ceil(rowsA / 64) * Math.ceil(rowsB / 64),
  axes: { rowsA: { a: 0, counts: 0 }, rowsB: { b: 0, counts: 1 } },
});

/** Exact counts from which every measure of overlap follows. */
export interface Overlap {
  /** Bits that row i of the masks and row j of the concepts share: masks × concepts. */
  readonly both: Uint32Array;
  /** Bits of each mask, and of each concept. */
  readonly masks: Uint32Array;
  readonly concepts: Uint32Array;
  /** What shares are shares of: the columns of both bit matrices. */
  readonly rows: number;
}

/**
 * How many bits every mask shares with every concept, and how many each has.
 *
 * @param masks one per row, over the same columns as `concepts`
 */
export async function overlap(device: Device, masks: BitMatrix, concepts: BitMatrix): Promise<Overlap> {
  if (masks.columns !== concepts.columns) {
    throw new ArgumentError("concepts", `${masks.columns} columns like masks`, concepts.columns);
  }
  const own = { masks: await bitCounts(device, masks), concepts: await bitCounts(device, concepts) };
  return { both: await countShared(device, masks, concepts), ...own, rows: masks.columns };
}

/**
 * Intersection over union of every mask with every concept.
 *
 * @returns masks × concepts values in [0, 1]; 0 where both are empty
 */
export async function iou(device: Device, masks: BitMatrix, concepts: BitMatrix): Promise<Float64Array> {
  return unionShares(await overlap(device, masks, concepts));
}

/** |a ∧ b| / |a ∨ b| of every mask and concept; 0 where both are empty. */
function unionShares({ both, masks, concepts }: Overlap): Float64Array {
  return Float64Array.from(both, (shared, i) => {
    const either = masks[Math.floor(i / concepts.length)]! + concepts[i % concepts.length]! - shared;
    return either === 0 ? 0 : shared / either;
  });
}

async function countShared(device: Device, a: BitMatrix, b: BitMatrix): Promise<Uint32Array> {
  const words = wordsPerRow(a.columns);
  if (a.rows * b.rows * words === 0) return new Uint32Array(a.rows * b.rows);
  const { counts } = await runOnce(
    device,
    overlapKernel,
    { a: given(a.bits, [a.rows, words]), b: given(b.bits, [b.rows, words]), counts: wanted("u32", [a.rows, b.rows]) },
    { rowsA: a.rows, rowsB: b.rows, words },
  );
  return counts as Uint32Array;
}
