import type { Device, DeviceBuffer } from "../../device/device.js";
import { Recorder } from "../../device/plan.js";
import { productKernel, productOptions } from "../../kernels/product.js";

/** Numbers of points, and of their products with centers, that are on the device at once. */
const most = 2 ** 24;

/** Points that are multiplied with centers, again and again; they stay on the device where they fit in one piece. */
export class CenterProducts implements Disposable {
  readonly points: number;
  /** ‖x‖² of every point. */
  readonly squares: Float64Array;
  readonly #pieceRows: number;
  #kept: DeviceBuffer | null = null;

  constructor(
    readonly device: Device,
    readonly x: Float32Array,
    readonly columns: number,
    readonly clusters: number,
  ) {
    this.points = x.length / columns;
    this.#pieceRows = Math.max(1, Math.min(this.points, Math.floor(most / Math.max(columns, clusters))));
    this.squares = new Float64Array(this.points);
    for (let i = 0; i < x.length; i++) this.squares[Math.floor(i / columns)]! += x[i]! ** 2;
  }

  /** Tells every point's products with the centers, in order. */
  async each(centers: Float32Array, tell: (point: number, products: Float32Array) => void): Promise<void> {
    const { device, columns, points } = this;
    const count = centers.length / columns;
    const recorder = new Recorder();
    const rows = recorder.parameter("rows");
    const operands = {
      a: recorder.external("a", "f32", [this.#pieceRows, columns]),
      b: recorder.external("b", "f32", [count, columns]),
      out: recorder.external("out", "f32", [this.#pieceRows, count]),
    };
    recorder.record(productKernel, operands, { rows, inner: columns, columns: count }, productOptions());
    using plan = device.plan(recorder);
    using b = device.upload(centers.slice());
    using out = device.allocate(this.#pieceRows * count * 4);
    for (let first = 0; first < points; first += this.#pieceRows) {
      const size = Math.min(this.#pieceRows, points - first);
      const a = this.#piece(first, size);
      const submitted = device.submit(plan, { buffers: { a, b, out }, parameters: { rows: size } });
      submitted.done.catch(() => {}); // reported by the download
      const products = await device.download(out, new Float32Array(size * count));
      if (a !== this.#kept) a[Symbol.dispose]();
      for (let i = 0; i < size; i++) tell(first + i, products.subarray(i * count, (i + 1) * count));
    }
  }

  [Symbol.dispose](): void {
    this.#kept?.[Symbol.dispose]();
  }

  #piece(first: number, size: number): DeviceBuffer {
    if (this.#kept) return this.#kept;
    const piece = this.device.upload(this.x.slice(first * this.columns, (first + size) * this.columns));
    if (size === this.points) this.#kept = piece;
    return piece;
  }
}
