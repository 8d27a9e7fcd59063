import { type Members, membersOf } from "../../activations/accumulators/class-sums.js";
import type { ActivationSource } from "../../activations/source.js";
import type { BitMatrix } from "../../core/bits.js";
import type { Device } from "../../device/device.js";
import { Recorder } from "../../device/plan.js";
import { bitCounts, bitCountsKernel } from "../../kernels/bit-counts.js";
import { overlapKernel } from "../../kernels/overlap.js";
import type { MethodContext } from "../result.js";
import { sortedColumns } from "./sorted-columns.js";
import type { SourceMasks } from "./source-masks.js";

/** Exact counts of rows, for every neuron and class of a concept: columns × classes. */
export interface MaskCounts {
  readonly both: Uint32Array;
  /** Rows of the mask that the neuron has for the class. */
  readonly masks: Uint32Array;
  /** Rows of each class. */
  readonly classes: Uint32Array;
  readonly rows: number;
}

/** Counts every neuron's mask against every class. */
export async function countMasks(
  device: Device,
  columns: number,
  made: SourceMasks,
  classes: BitMatrix,
): Promise<MaskCounts> {
  const both = await countShared(device, columns, made, classes);
  const masks = await countOwn(device, columns, made);
  return {
    both,
    masks: both.map((_, i) => masks[Math.floor(i / classes.rows)]!),
    classes: await bitCounts(device, classes),
    rows: classes.columns,
  };
}

/** Rows that masks on a device share with classes: columns × classes. */
export async function countShared(
  device: Device,
  columns: number,
  { buffer, words }: SourceMasks,
  classes: BitMatrix,
): Promise<Uint32Array> {
  if (classes.rows === 0) return new Uint32Array();
  const recorder = new Recorder();
  const operands = {
    a: recorder.external("bits", "u32", [columns, words]),
    b: recorder.external("concepts", "u32", [classes.rows, words]),
    counts: recorder.external("both", "u32", [columns, classes.rows]),
  };
  recorder.record(overlapKernel, operands, { rowsA: columns, rowsB: classes.rows, words });
  using plan = device.plan(recorder);
  using concepts = device.upload(classes.bits);
  using both = device.allocate(columns * classes.rows * 4);
  device.submit(plan, { buffers: { bits: buffer, concepts, both } }).done.catch(() => {}); // reported by the download
  return await device.download(both, new Uint32Array(columns * classes.rows));
}

/** Rows of each mask on a device. */
export async function countOwn(
  device: Device,
  columns: number,
  { buffer, words }: Pick<SourceMasks, "buffer" | "words">,
): Promise<Uint32Array> {
  const recorder = new Recorder();
  const bits = recorder.external("bits", "u32", [columns, words]);
  recorder.record(
    bitCountsKernel,
    { bits, counts: recorder.external("own", "u32", [columns]) },
    { rows: columns, words },
  );
  using plan = device.plan(recorder);
  using own = device.allocate(columns * 4);
  device.submit(plan, { buffers: { bits: buffer, own } }).done.catch(() => {}); // reported by the download
  return await device.download(own, new Uint32Array(columns));
}

/**
 * Counts masks that are as large as each class against that class: the rows above the value that lets at most so many
 * be above it. One sort of every neuron serves all classes.
 */
export async function countMatchedMasks(
  source: ActivationSource,
  device: Device,
  classes: BitMatrix,
  context: MethodContext,
): Promise<MaskCounts> {
  const { rows, columns } = source;
  const sizes = await bitCounts(device, classes);
  const members = membersOf(classes);
  const both = new Uint32Array(columns * classes.rows);
  const masks = new Uint32Array(columns * classes.rows);
  const ends = new Uint32Array(rows);
  for await (const run of sortedColumns(source, device, "matched masks", context)) {
    const pairs = await run.pairs();
    for (let i = 0; i < run.count; i++) {
      const start = (run.first + i) * classes.rows;
      const of = [both, masks].map((counts) => counts.subarray(start, start + classes.rows)) as [
        Uint32Array,
        Uint32Array,
      ];
      matchColumn(pairs.subarray(i * 2 * rows, (i + 1) * 2 * rows), ends, sizes, members, ...of);
    }
  }
  return { both, masks, classes: sizes, rows };
}

/** One neuron's matched masks. A row is in the mask of `size` rows where all rows as large as it, and larger ones, are at most so many. */
function matchColumn(
  pairs: Uint32Array,
  ends: Uint32Array,
  sizes: Uint32Array,
  members: Members,
  both: Uint32Array,
  masks: Uint32Array,
): void {
  tieEnds(pairs, ends);
  sizes.forEach((size, label) => {
    let rows = size;
    while (rows > 0 && ends[rows - 1]! > rows) rows--;
    masks[label] = rows;
  });
  const { starts, pairs: labels } = members;
  for (let place = 0; place < ends.length; place++) {
    const row = pairs[2 * place]!;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const label = labels[2 * i + 1]!;
      if (place < masks[label]!) both[label]!++;
    }
  }
}

/** For every place of a sorted column, how many rows have its value or a larger one. */
function tieEnds(pairs: Uint32Array, ends: Uint32Array): void {
  for (let place = ends.length - 1; place >= 0; place--) {
    const tied = place < ends.length - 1 && pairs[2 * place + 1] === pairs[2 * place + 3];
    ends[place] = tied ? ends[place + 1]! : place + 1;
  }
}
