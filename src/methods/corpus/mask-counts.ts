import type { ActivationSource } from "../../activations/source.js";
import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import type { Device } from "../../device/device.js";
import { Recorder } from "../../device/plan.js";
import { bitCounts, bitCountsKernel } from "../../kernels/bit-counts.js";
import { overlapKernel } from "../../kernels/overlap.js";
import type { MethodContext } from "../result.js";
import { type MaskCut, type SourceMasks, sourceMasks } from "./source-masks.js";

/** Exact counts of rows, for every neuron and class of a concept: columns × classes. */
export interface MaskCounts {
  readonly both: Uint32Array;
  /** Rows of the mask that the neuron has for the class. */
  readonly masks: Uint32Array;
  /** Rows of each class. */
  readonly classes: Uint32Array;
  readonly rows: number;
}

/** Counts every neuron's mask against every class, all masks cut in the same way. */
export async function countMasks(
  source: ActivationSource,
  device: Device,
  classes: BitMatrix,
  cut: MaskCut,
  context: MethodContext,
): Promise<MaskCounts> {
  using made = await sourceMasks(source, device, cut, context);
  const { both, masks } = await countOn(device, source.columns, made, classes);
  return {
    both,
    masks: both.map((_, i) => masks[Math.floor(i / classes.rows)]!),
    classes: await bitCounts(device, classes),
    rows: source.rows,
  };
}

/** Counts masks that are as large as each class against that class: five passes a class. */
export async function countMatchedMasks(
  source: ActivationSource,
  device: Device,
  classes: BitMatrix,
  context: MethodContext,
): Promise<MaskCounts> {
  const sizes = await bitCounts(device, classes);
  const both = new Uint32Array(source.columns * classes.rows);
  const masks = new Uint32Array(source.columns * classes.rows);
  const words = wordsPerRow(classes.columns);
  for (const [label, size] of sizes.entries()) {
    const only = { bits: classes.bits.slice(label * words, (label + 1) * words), rows: 1, columns: classes.columns };
    const part = await countMasks(source, device, only, { rows: size }, context);
    for (let column = 0; column < source.columns; column++) {
      both[column * classes.rows + label] = part.both[column]!;
      masks[column * classes.rows + label] = part.masks[column]!;
    }
  }
  return { both, masks, classes: sizes, rows: source.rows };
}

/** Counts masks that lie on a device: columns × classes, and one count per mask. */
async function countOn(
  device: Device,
  columns: number,
  { buffer, words }: SourceMasks,
  classes: BitMatrix,
): Promise<{ readonly both: Uint32Array; readonly masks: Uint32Array }> {
  const recorder = new Recorder();
  const bits = recorder.external("bits", "u32", [columns, words]);
  const concepts = recorder.external("concepts", "u32", [classes.rows, words]);
  const both = recorder.external("both", "u32", [columns, classes.rows]);
  const own = recorder.external("own", "u32", [columns]);
  recorder.record(
    overlapKernel,
    { a: bits, b: concepts, counts: both },
    { rowsA: columns, rowsB: classes.rows, words },
  );
  recorder.record(bitCountsKernel, { bits, counts: own }, { rows: columns, words });
  using plan = device.plan(recorder);
  using conceptBuffer = device.upload(classes.bits);
  using bothBuffer = device.allocate(columns * classes.rows * 4);
  using ownBuffer = device.allocate(columns * 4);
  const buffers = { bits: buffer, concepts: conceptBuffer, both: bothBuffer, own: ownBuffer };
  device.submit(plan, { buffers }).done.catch(() => {}); // reported by the download
  return {
    both: await device.download(bothBuffer, new Uint32Array(columns * classes.rows)),
    masks: await device.download(ownBuffer, new Uint32Array(columns)),
  };
}
