import { ArgumentError } from "../core/errors.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { type Plan as CompiledPlan, Recorder } from "../device/plan.js";
import { type CentralSums, inverseRoot } from "./central-sums.js";
import { type ColumnMoments, correlation } from "./correlation.js";
import { readWide } from "./float64.js";
import { gramKernel } from "./gram.js";

/** Rows whose mean is subtracted before anything is summed. */
const PROVISIONAL_ROWS = 1000;
/** Sums that are brought to the host at a time. */
const CHUNK = 1 << 20;

/** What one side's totals say. */
interface Side {
  readonly sums: Float64Array;
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

/**
 * Streams blocks of rows into sums of products on a device: of x with itself, or of x with y. The mean of the first
 * thousand rows is subtracted from everything, which keeps float32 products exact enough whatever the means.
 */
export class GramSums implements Disposable {
  readonly #recorder = new Recorder();
  readonly #buffers: Record<string, DeviceBuffer> = {};
  readonly #plan: CompiledPlan;
  readonly #stride: number;
  readonly #shifts: [Float32Array, Float32Array];
  #count = 0;
  #started: Promise<void> | undefined;

  /** @param otherColumns the columns of y; null where x is summed with itself */
  constructor(
    readonly device: Device,
    readonly columns: number,
    readonly otherColumns: number | null = null,
  ) {
    const others = otherColumns ?? columns;
    this.#stride = Math.ceil(others / 32) * 32 + 32; // no power of two, for the caches' sake
    this.#shifts = [new Float32Array(columns), new Float32Array(others)];
    const elements = { shift: columns, sums: 2 * columns * this.#stride, totals: 4 * columns };
    const more = otherColumns === null ? {} : { otherShift: others, otherTotals: 4 * others };
    for (const [name, count] of Object.entries({ ...elements, ...more })) {
      this.#buffers[name] = device.zeros(Math.max(count, 1) * 4);
    }
    this.#record(others);
    this.#plan = device.plan(this.#recorder);
  }

  get count(): number {
    return this.#count;
  }

  /** Adds rows × columns values, and rows × otherColumns of y; resolves when the buffers are no longer needed. */
  async add(x: DeviceBuffer, rows: number, y?: DeviceBuffer): Promise<void> {
    if ((this.otherColumns === null) !== (y === undefined)) {
      throw new ArgumentError("y", this.otherColumns === null ? "none" : "a buffer", y);
    }
    if (rows === 0) return;
    this.#count += rows;
    this.#started ??= this.#start(x, rows, y);
    const chain = chainOf(this.#count);
    await this.#started;
    const buffers = { ...this.#buffers, x, ...(y && { y }) };
    await this.device.submit(this.#plan, { buffers, parameters: { rows, chain } }).done;
  }

  /** Means of the columns of x and of y: not finite where an activation is not. @throws ArgumentError if no row was added */
  async means(): Promise<readonly [x: Float64Array, y: Float64Array]> {
    const [x, y] = await this.#sides();
    return [x.mean, y.mean];
  }

  /** @throws ArgumentError if no row was added */
  async central(): Promise<CentralSums> {
    const { count } = this;
    const [x, y] = await this.#sides();
    const others = y.mean.length;
    const scatter = new Float64Array(this.columns * others);
    await this.#eachRow((i, row) => {
      for (let j = this.#first(i); j < others; j++) {
        scatter[i * others + j] = row[j]! - (x.sums[i]! * y.sums[j]!) / count;
      }
    });
    if (this.otherColumns === null) mirror(scatter, others);
    const { mean, squares } = x;
    return { count, mean, otherMean: y.mean, squares, otherSquares: y.squares, scatter };
  }

  /**
   * Pearson's r of every pair of columns.
   *
   * @returns columns × others values in [-1, 1]; 0 where a column is constant
   * @throws ArgumentError if no row was added
   */
  async correlation(): Promise<Float32Array> {
    const [x, y] = await this.#sides();
    const sums = { buffer: this.#buffers.sums!, stride: this.#stride };
    return await correlation(this.device, sums, this.#moments(x), this.otherColumns === null ? null : this.#moments(y));
  }

  [Symbol.dispose](): void {
    this.#plan[Symbol.dispose]();
    for (const buffer of Object.values(this.#buffers)) buffer[Symbol.dispose]();
  }

  #record(others: number): void {
    const { columns, otherColumns } = this;
    const recorder = this.#recorder;
    const two = otherColumns !== null;
    recorder.record(
      gramKernel,
      {
        x: recorder.external("x", "f32", [1, columns]),
        ...(two && { y: recorder.external("y", "f32", [1, others]) }),
        shift: recorder.external("shift", "f32", [columns]),
        ...(two && { otherShift: recorder.external("otherShift", "f32", [others]) }),
        sums: recorder.external("sums", "u32", [columns, 2 * this.#stride]),
        totals: recorder.external("totals", "u32", [columns, 4]),
        ...(two && { otherTotals: recorder.external("otherTotals", "u32", [others, 4]) }),
      },
      { rows: recorder.parameter("rows"), columns, others, chain: recorder.parameter("chain") },
      { symmetric: two ? 0 : 1 },
    );
  }

  /** Takes the means of the first rows as what to subtract. */
  async #start(x: DeviceBuffer, rows: number, y?: DeviceBuffer): Promise<void> {
    const sample = Math.min(rows, PROVISIONAL_ROWS);
    const sides = [
      [x, "shift"],
      [y, "otherShift"],
    ] as const;
    for (const [side, [buffer, name]] of sides.entries()) {
      const shift = this.#shifts[side]!;
      const into = this.#buffers[name];
      if (!buffer || !into || shift.length === 0) continue;
      averageRows(await this.device.download(buffer, new Float32Array(sample * shift.length)), shift);
      this.device.write(into, shift);
    }
    if (!y) this.#shifts[1] = this.#shifts[0];
  }

  async #sides(): Promise<[Side, Side]> {
    if (this.#count === 0) throw new ArgumentError("rows", "at least one", 0);
    const x = await this.#side("totals", this.#shifts[0]);
    return [x, this.otherColumns === null ? x : await this.#side("otherTotals", this.#shifts[1])];
  }

  async #side(name: string, shift: Float32Array): Promise<Side> {
    const totals = await readWide(this.device, this.#buffers[name]!, 0, 2 * shift.length);
    const sums = Float64Array.from(shift, (_, i) => totals[2 * i]!);
    // Below this share of Σ d² a difference is rounding: float64 on the native device, products in f32 on a GPU.
    const rounding = this.device.kind === "native" ? 1e-13 : 2e-7;
    const squares = sums.map((sum, i) => {
      const square = totals[2 * i + 1]! - (sum * sum) / this.#count;
      return square > rounding * totals[2 * i + 1]! ? square : 0;
    });
    return { sums, mean: sums.map((sum, i) => shift[i]! + sum / this.#count), squares };
  }

  #moments({ sums, squares }: Side): ColumnMoments {
    return { sums, means: sums.map((sum) => sum / this.#count), scales: squares.map(inverseRoot) };
  }

  #first(row: number): number {
    return this.otherColumns === null ? row : 0;
  }

  /** Brings the sums to the host, some rows at a time. */
  async #eachRow(use: (row: number, sums: Float64Array) => void): Promise<void> {
    const rows = Math.max(1, Math.floor(CHUNK / this.#stride));
    for (let first = 0; first < this.columns; first += rows) {
      const count = Math.min(rows, this.columns - first);
      const chunk = await readWide(this.device, this.#buffers.sums!, first * this.#stride, count * this.#stride);
      for (let i = 0; i < count; i++) use(first + i, chunk.subarray(i * this.#stride, (i + 1) * this.#stride));
    }
  }
}

/** Rows that are summed in float32: their rounding averages out where rows are many, and must be small where they are few. */
function chainOf(count: number): number {
  if (count <= 1024) return 8;
  return count <= 16384 ? 128 : 384;
}

/** Writes the columns' means over the rows into `means`. */
function averageRows(values: Float32Array, means: Float32Array): void {
  const sums = new Float64Array(means.length);
  for (let at = 0, j = 0; at < values.length; at++) {
    sums[j]! += values[at]!;
    if (++j === sums.length) j = 0;
  }
  for (let j = 0; j < sums.length; j++) means[j] = sums[j]! / (values.length / sums.length);
}

/** Copies the half above the diagonal below it, 32 × 32 at a time. */
function mirror(square: Float64Array, size: number): void {
  for (let top = 0; top < size; top += 32) {
    for (let first = 0; first <= top; first += 32) {
      for (let i = top; i < Math.min(top + 32, size); i++) {
        for (let j = first; j < Math.min(first + 32, i); j++) square[i * size + j] = square[j * size + i]!;
      }
    }
  }
}
