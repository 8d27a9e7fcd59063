import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Plan, Recorder } from "../../device/plan.js";
import { type ColumnMoments, mergeMoments, momentsFromSums, noExtremes } from "../../kernels/moment-sums.js";
import { type Bounds, momentsKernel, PROVISIONAL_ROWS, provisionalMeans } from "../../kernels/moments.js";
import type { Accumulator, AccumulatorFactory, BlockShape, TakenBlock } from "../accumulator.js";

export type { ColumnMoments };

/**
 * Mean, variance, skewness, kurtosis, extremes and counts of every column, in one pass. A column that holds NaN or an
 * infinity has NaN moments (`checkFinite` then says where).
 */
export function moments({ low = 0, high = 0 }: Bounds = {}): AccumulatorFactory<ColumnMoments> {
  return (device, shape) => new MomentsAccumulator(device, shape, { low, high });
}

class MomentsAccumulator implements Accumulator<ColumnMoments> {
  readonly needs = "device";
  readonly #device: Device;
  readonly #columns: number;
  readonly #plan: Plan;
  readonly #buffers: Readonly<Record<"sums" | "extremes" | "counts", DeviceBuffer>>;
  #shift: Promise<{ readonly values: Float32Array; readonly buffer: DeviceBuffer }> | undefined;
  #rows = 0;
  #merged: ColumnMoments | null = null;

  constructor(device: Device, { columns, blockRows }: BlockShape, bounds: Required<Bounds>) {
    this.#device = device;
    this.#columns = columns;
    this.#plan = device.plan(recordMoments(blockRows, columns, bounds));
    this.#buffers = {
      sums: device.upload(new Float32Array(8 * columns)),
      extremes: device.upload(noExtremes(columns)),
      counts: device.upload(new Uint32Array(2 * columns)),
    };
  }

  async add({ buffer, rows }: TakenBlock): Promise<void> {
    if (!buffer) return;
    this.#rows += rows;
    this.#shift ??= this.#firstMeans(buffer, rows);
    const { buffer: shift } = await this.#shift;
    const buffers = { ...this.#buffers, x: buffer, shift };
    await this.#device.submit(this.#plan, { buffers, parameters: { rows } }).done;
  }

  async merge(other: this): Promise<void> {
    const seen = await other.finish();
    this.#merged = this.#merged ? mergeMoments(this.#merged, seen) : seen;
  }

  async finish(): Promise<ColumnMoments> {
    const device = this.#device;
    const { sums, extremes, counts } = this.#buffers;
    const shift = (await this.#shift)?.values ?? new Float32Array(this.#columns);
    const own = momentsFromSums(
      this.#rows,
      shift,
      await device.download(sums, new Float32Array(8 * this.#columns)),
      await device.download(extremes, new Float32Array(2 * this.#columns)),
      await device.download(counts, new Uint32Array(2 * this.#columns)),
    );
    return this.#merged ? mergeMoments(own, this.#merged) : own;
  }

  [Symbol.dispose](): void {
    this.#plan[Symbol.dispose]();
    for (const buffer of Object.values(this.#buffers)) buffer[Symbol.dispose]();
    this.#shift?.then(({ buffer }) => buffer[Symbol.dispose]()).catch(() => {}); // its failure was told by `add`
  }

  /** Subtracting the mean of the first rows keeps the digits of columns far from 0. */
  async #firstMeans(block: DeviceBuffer, rows: number) {
    const first = new Float32Array(Math.min(rows, PROVISIONAL_ROWS) * this.#columns);
    const values = provisionalMeans(await this.#device.download(block, first), this.#columns);
    return { values, buffer: this.#device.upload(values) };
  }
}

function recordMoments(blockRows: number, columns: number, { low, high }: Required<Bounds>): Recorder {
  const plan = new Recorder();
  const operands = {
    x: plan.external("x", "f32", [blockRows, columns]),
    shift: plan.external("shift", "f32", [columns]),
    sums: plan.external("sums", "f32", [8, columns]),
    extremes: plan.external("extremes", "f32", [2, columns]),
    counts: plan.external("counts", "u32", [2, columns]),
  };
  plan.record(momentsKernel, operands, { rows: plan.parameter("rows"), columns, low, high });
  return plan;
}
