import type { BitMatrix } from "../../core/bits.js";
import { eachBit } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Plan, Recorder } from "../../device/plan.js";
import { classSumsKernel } from "../../kernels/class-sums.js";
import type { Accumulator, AccumulatorFactory, BlockShape, TakenBlock } from "../accumulator.js";

/** What the rows of every class add up to. */
export interface ClassSums {
  /** Classes × columns, float64. A class without rows has 0. */
  readonly sums: Float64Array;
  /** Rows of each class. */
  readonly counts: Uint32Array;
}

/**
 * Column sums of the rows of every class, in one pass for all classes; a row may belong to several, or to none. NaN
 * and infinities go into the sums.
 *
 * @param classes which rows of the source belong to each class: classes × rows
 */
export function classSums(classes: BitMatrix): AccumulatorFactory<ClassSums> {
  return (device, shape) => {
    if (classes.columns !== shape.rows) throw new ArgumentError("classes", `${shape.rows} rows`, classes.columns);
    return new ClassSumsAccumulator(device, shape, classes);
  };
}

class ClassSumsAccumulator implements Accumulator<ClassSums> {
  readonly needs = "device";
  readonly #device: Device;
  readonly #members: Members;
  readonly #plan: Plan;
  readonly #sums: DeviceBuffer;
  readonly #rests: DeviceBuffer;
  readonly #result: ClassSums;

  constructor(device: Device, { columns, blockRows }: BlockShape, classes: BitMatrix) {
    this.#device = device;
    this.#members = membersOf(classes);
    const zeros = new Float32Array(classes.rows * columns);
    this.#sums = device.upload(zeros);
    this.#rests = device.upload(zeros);
    this.#plan = device.plan(recordSums(blockRows, columns, classes.rows, this.#members.pairs.length / 2));
    this.#result = { sums: new Float64Array(zeros.length), counts: new Uint32Array(classes.rows) };
  }

  async add({ buffer, firstRow, rows }: TakenBlock): Promise<void> {
    const { starts, pairs } = this.#members;
    const members = pairs.slice(2 * starts[firstRow]!, 2 * starts[firstRow + rows]!);
    if (!buffer || members.length === 0) return;
    for (let i = 0; i < members.length; i += 2) {
      members[i]! -= firstRow;
      this.#result.counts[members[i + 1]!]!++;
    }
    using uploaded = this.#device.upload(members);
    const buffers = { x: buffer, members: uploaded, sums: this.#sums, rests: this.#rests };
    const parameters = { rows, entries: members.length / 2 };
    await this.#device.submit(this.#plan, { buffers, parameters }).done;
  }

  async merge(other: this): Promise<void> {
    const { sums, counts } = await other.finish();
    sums.forEach((sum, i) => {
      this.#result.sums[i]! += sum;
    });
    counts.forEach((count, label) => {
      this.#result.counts[label]! += count;
    });
  }

  async finish(): Promise<ClassSums> {
    const own = await this.#device.download(this.#sums, new Float32Array(this.#result.sums.length));
    const rests = await this.#device.download(this.#rests, new Float32Array(own.length));
    return {
      sums: this.#result.sums.map((sum, i) => sum + (own[i]! + rests[i]!)),
      counts: this.#result.counts.slice(),
    };
  }

  [Symbol.dispose](): void {
    for (const owned of [this.#plan, this.#sums, this.#rests]) owned[Symbol.dispose]();
  }
}

function recordSums(blockRows: number, columns: number, classes: number, entries: number): Recorder {
  const plan = new Recorder();
  const operands = {
    x: plan.external("x", "f32", [blockRows, columns]),
    members: plan.external("members", "u32", [Math.max(1, entries), 2]),
    sums: plan.external("sums", "f32", [classes, columns]),
    rests: plan.external("rests", "f32", [classes, columns]),
  };
  plan.record(classSumsKernel, operands, { rows: plan.parameter("rows"), columns, entries: plan.parameter("entries") });
  return plan;
}

/** Pairs (row, class) by row; those of row r are the pairs starts[r] … starts[r + 1] − 1. */
export interface Members {
  readonly starts: Uint32Array;
  readonly pairs: Uint32Array;
}

/** The pairs of row and class of a bit matrix, classes × rows. */
export function membersOf(classes: BitMatrix): Members {
  const starts = new Uint32Array(classes.columns + 1);
  eachLabel(classes, (row) => {
    starts[row + 1]!++;
  });
  for (let row = 0; row < classes.columns; row++) starts[row + 1]! += starts[row]!;
  const pairs = new Uint32Array(2 * starts[classes.columns]!);
  const next = starts.slice();
  eachLabel(classes, (row, label) => {
    const at = 2 * next[row]!++;
    pairs[at] = row;
    pairs[at + 1] = label;
  });
  return { starts, pairs };
}

function eachLabel(classes: BitMatrix, see: (row: number, label: number) => void): void {
  for (let label = 0; label < classes.rows; label++) eachBit(classes, label, (row) => see(row, label));
}
