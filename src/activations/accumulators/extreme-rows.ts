import type { Site } from "../../core/sites.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Plan, Recorder } from "../../device/plan.js";
import {
  checkCount,
  type ExtremeRows,
  type Extremes,
  extremeRowsKernel,
  firstStrange,
  noExtremeRows,
  readExtremes,
} from "../../kernels/extreme-rows.js";
import type { Accumulator, AccumulatorFactory, BlockShape, TakenBlock } from "../accumulator.js";
import { refuseNotFinite } from "../finite.js";

export type { ExtremeRows, Extremes };

/**
 * Finds the `count` rows on which each column is largest and the `count` on which it is smallest (all rows where there
 * are fewer). Memory: 16 · count bytes a column.
 *
 * @throws ArgumentError, when it has seen all rows, that names the first row and neuron with a number that is not finite
 */
export function extremeRows(count: number, sites: readonly Site[]): AccumulatorFactory<Extremes> {
  checkCount(count);
  return (device, shape) => new ExtremesAccumulator(device, shape, Math.min(count, shape.rows), sites);
}

class ExtremesAccumulator implements Accumulator<Extremes> {
  readonly needs = "device";
  readonly #device: Device;
  readonly #columns: number;
  readonly #count: number;
  readonly #sites: readonly Site[];
  readonly #plan: Plan;
  readonly #buffers: Readonly<Record<"extremes" | "places" | "strange", DeviceBuffer>>;
  readonly #merged: Extremes[] = [];

  constructor(device: Device, { columns, blockRows }: BlockShape, count: number, sites: readonly Site[]) {
    const none = noExtremeRows(columns, count);
    this.#device = device;
    this.#columns = columns;
    this.#count = count;
    this.#sites = sites;
    this.#plan = device.plan(recordExtremes(blockRows, columns, count));
    this.#buffers = {
      extremes: device.upload(none.extremes),
      places: device.upload(none.places),
      strange: device.upload(none.strange),
    };
  }

  async add({ buffer, firstRow, rows }: TakenBlock): Promise<void> {
    if (!buffer) return;
    const buffers = { ...this.#buffers, x: buffer };
    await this.#device.submit(this.#plan, { buffers, parameters: { rows, firstRow } }).done;
  }

  async merge(other: this): Promise<void> {
    this.#merged.push(await other.finish());
  }

  async finish(): Promise<Extremes> {
    const { extremes, places, strange } = this.#buffers;
    const numbers = 2 * this.#columns * this.#count;
    refuseNotFinite(
      firstStrange(await this.#device.download(strange, new Uint32Array(2 * this.#columns))),
      this.#sites,
    );
    const own = readExtremes(
      await this.#device.download(extremes, new Float32Array(numbers)),
      await this.#device.download(places, new Uint32Array(numbers)),
      this.#columns,
    );
    return this.#merged.reduce((all, more) => mergeExtremes(all, more, this.#count), own);
  }

  [Symbol.dispose](): void {
    for (const owned of [this.#plan, ...Object.values(this.#buffers)]) owned[Symbol.dispose]();
  }
}

function recordExtremes(blockRows: number, columns: number, count: number): Recorder {
  const plan = new Recorder();
  const operands = {
    x: plan.external("x", "f32", [blockRows, columns]),
    extremes: plan.external("extremes", "f32", [columns, 2 * count]),
    places: plan.external("places", "u32", [columns, 2 * count]),
    strange: plan.external("strange", "u32", [columns, 2]),
  };
  const parameters = { rows: plan.parameter("rows"), columns, count, firstRow: plan.parameter("firstRow") };
  plan.record(extremeRowsKernel, operands, parameters);
  return plan;
}

function mergeExtremes(a: Extremes, b: Extremes, count: number): Extremes {
  return {
    largest: a.largest.map((own, column) => mergeRows(own, b.largest[column]!, count, 1)),
    smallest: a.smallest.map((own, column) => mergeRows(own, b.smallest[column]!, count, -1)),
  };
}

/** The first `count` of two lists by sign · value. */
function mergeRows(a: ExtremeRows, b: ExtremeRows, count: number, sign: 1 | -1): ExtremeRows {
  const rows = [...a.rows, ...b.rows];
  const values = [...a.values, ...b.values];
  const order = rows.map((_, i) => i).sort((i, j) => sign * (values[j]! - values[i]!) || rows[i]! - rows[j]!);
  const first = order.slice(0, count);
  return { rows: Uint32Array.from(first, (i) => rows[i]!), values: Float32Array.from(first, (i) => values[i]!) };
}
