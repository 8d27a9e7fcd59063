import type { BitMatrix } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import type { Device, DeviceBuffer } from "../../device/device.js";
import { type Plan, Recorder, rowsOf } from "../../device/plan.js";
import {
  type ChainFormula,
  checkCodes,
  type Extension,
  formulaExtensionsKernel,
  formulaHead,
  packFormulas,
  unpackExtensions,
} from "../../kernels/formula-extensions.js";
import { overlapKernel } from "../../kernels/overlap.js";
import type { MethodContext } from "../result.js";
import { countOwn } from "./mask-counts.js";
import type { SourceMasks } from "./source-masks.js";

/** The neurons that a search has in hand, one after the other. */
export interface NeuronBatch {
  readonly first: number;
  readonly count: number;
  /** Rows that each neuron's mask shares with each concept: count × concepts. */
  readonly shared: Uint32Array;
  /** The masks themselves: count × words. */
  readonly masks: Uint32Array;
  /** The best extensions of each neuron's formulas, at most `beam` formulas for a neuron. */
  extend(formulas: readonly (readonly ChainFormula[])[]): Promise<Extension[][]>;
}

/** What a search is about: its masks on a device, and concepts over the same rows. */
export interface SearchSpace {
  readonly masks: SourceMasks;
  readonly columns: number;
  readonly concepts: BitMatrix;
}

/** Numbers of `shared` at once, and neurons between two looks at the signal. */
const batchNumbers = 2 ** 24;
const batchNeurons = 512;

/** Counts and extends formulas for all neurons, batch by batch; concepts stay on the device. */
export class FormulaSearch implements Disposable {
  /** Rows of each concept, and of each neuron's mask. */
  readonly sizes: Uint32Array;
  readonly maskSizes: Uint32Array;
  readonly #device: Device;
  readonly #space: SearchSpace;
  readonly #beam: number;
  readonly #length: number;
  readonly #batch: number;
  readonly #plans: { readonly share: Plan; readonly extend: Plan };
  readonly #buffers: Readonly<Record<"concepts" | "sizes" | "maskSizes" | "shared" | "out", DeviceBuffer>>;

  private constructor(
    device: Device,
    space: SearchSpace,
    beam: number,
    length: number,
    concepts: DeviceBuffer,
    sizes: Uint32Array,
    maskSizes: Uint32Array,
  ) {
    const { columns, concepts: vocabulary } = space;
    this.#device = device;
    this.#space = space;
    this.#beam = beam;
    this.#length = Math.max(1, length - 1);
    this.#batch = Math.max(1, Math.min(columns, batchNeurons, Math.floor(batchNumbers / vocabulary.rows)));
    this.sizes = sizes;
    this.maskSizes = maskSizes;
    this.#plans = this.#record();
    this.#buffers = {
      concepts,
      sizes: device.upload(sizes),
      maskSizes: device.upload(maskSizes),
      shared: device.allocate(this.#batch * vocabulary.rows * 4),
      out: device.allocate(this.#batch * beam * 16),
    };
  }

  /**
   * @param beam formulas of a neuron at a time
   * @param length leaves of the longest formula
   */
  static async open(device: Device, space: SearchSpace, beam: number, length: number): Promise<FormulaSearch> {
    for (const [name, number] of Object.entries({ beam, length })) {
      if (!Number.isSafeInteger(number) || number < 1) throw new ArgumentError(name, "a positive integer", number);
    }
    checkCodes(space.concepts.rows, beam);
    const { columns, concepts, masks } = space;
    const buffer = device.upload(concepts.bits);
    try {
      const sizes = await countOwn(device, concepts.rows, { buffer, words: masks.words });
      const maskSizes = await countOwn(device, columns, masks);
      return new FormulaSearch(device, space, beam, length, buffer, sizes, maskSizes);
    } catch (error) {
      buffer[Symbol.dispose]();
      throw error;
    }
  }

  /** All neurons, batch by batch. A batch is to be used before the next one is asked for. */
  async *batches({ signal, onProgress }: MethodContext): AsyncGenerator<NeuronBatch> {
    const { columns, concepts, masks } = this.#space;
    for (let first = 0; first < columns; first += this.#batch) {
      signal?.throwIfAborted();
      onProgress?.(first, columns, "formulas");
      const count = Math.min(this.#batch, columns - first);
      const buffers = { masks: masks.buffer, concepts: this.#buffers.concepts, shared: this.#buffers.shared };
      this.#device.submit(this.#plans.share, { buffers, parameters: { first, neurons: count } }).done.catch(() => {}); // see the download
      const shared = await this.#device.download(this.#buffers.shared, new Uint32Array(count * concepts.rows));
      const { buffer, words } = masks;
      const bits = await this.#device.download(buffer, new Uint32Array(count * words), first * words * 4);
      yield {
        first,
        count,
        shared,
        masks: bits,
        extend: (formulas) => {
          signal?.throwIfAborted();
          return this.#extend(first, formulas);
        },
      };
    }
    onProgress?.(columns, columns, "formulas");
  }

  async #extend(first: number, formulas: readonly (readonly ChainFormula[])[]): Promise<Extension[][]> {
    const neurons = formulas.length;
    using packed = this.#device.upload(packFormulas(formulas, this.#beam, this.#length));
    const { concepts, sizes, maskSizes, shared, out } = this.#buffers;
    const buffers = { masks: this.#space.masks.buffer, concepts, sizes, shared, maskSizes, formulas: packed, out };
    this.#device.submit(this.#plans.extend, { buffers, parameters: { first, neurons } }).done.catch(() => {}); // see the download
    const found = await this.#device.download(out, new Uint32Array(neurons * this.#beam * 4));
    return formulas.map((_, neuron) => unpackExtensions(found, neuron, this.#beam));
  }

  #record(): { share: Plan; extend: Plan } {
    const { columns, concepts, masks } = this.#space;
    const { words } = masks;
    const batch = this.#batch;
    const share = new Recorder();
    const neurons = share.parameter("neurons");
    share.record(
      overlapKernel,
      {
        a: rowsOf(share.external("masks", "u32", [columns, words]), share.parameter("first"), batch),
        b: share.external("concepts", "u32", [concepts.rows, words]),
        counts: share.external("shared", "u32", [batch, concepts.rows]),
      },
      { rowsA: neurons, rowsB: concepts.rows, words },
    );
    const extend = new Recorder();
    const first = extend.parameter("first");
    extend.record(
      formulaExtensionsKernel,
      {
        masks: rowsOf(extend.external("masks", "u32", [columns, words]), first, batch),
        concepts: extend.external("concepts", "u32", [concepts.rows, words]),
        sizes: extend.external("sizes", "u32", [concepts.rows]),
        shared: extend.external("shared", "u32", [batch, concepts.rows]),
        maskSizes: rowsOf(extend.external("maskSizes", "u32", [columns]), first, batch),
        formulas: extend.external("formulas", "u32", [batch, this.#beam * (this.#length + formulaHead)]),
        out: extend.external("out", "u32", [batch, this.#beam * 4]),
      },
      { neurons: extend.parameter("neurons"), concepts: concepts.rows, words, beam: this.#beam, length: this.#length },
    );
    return { share: this.#device.plan(share), extend: this.#device.plan(extend) };
  }

  [Symbol.dispose](): void {
    for (const owned of [...Object.values(this.#plans), ...Object.values(this.#buffers)]) owned[Symbol.dispose]();
  }
}
