import { FileError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Checkpoint } from "./checkpoint.js";
import type { TensorEntry } from "./safetensors.js";
import { elementsOf, readTensor } from "./tensor-values.js";

/** Gives a tensor's numbers as float32: those of its file, or others in their place. */
export type TensorReader = (entry: TensorEntry, into: Float32Array) => Promise<void>;

/** Bytes that may wait to be packed. */
const muchMemory = 2 ** 26;

/** Numbers on the device. */
export interface Staged {
  readonly buffer: DeviceBuffer;
  readonly kept: boolean;
}

/**
 * The tensors of a checkpoint as a family asks for them, uploaded once; it owns what it uploaded.
 * Names may stand in the file with or without the base model's prefix (`bert.`, `model.`, `transformer.`).
 */
export class Weights implements Disposable {
  readonly #buffers: DeviceBuffer[] = [];
  readonly #passing: DeviceBuffer[] = [];
  readonly #used = new Map<string, TensorEntry>();
  readonly #loaded = new Map<TensorEntry, DeviceBuffer>();
  /** Numbers on their way from files to the device; one memory for all of them. */
  #scratch = new Float32Array(0);

  constructor(
    readonly device: Device,
    readonly checkpoint: Checkpoint,
    readonly prefix: string,
    readonly reader: TensorReader = readTensor,
  ) {}

  /** Whether the file has a tensor, with or without the prefix. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * One tensor on the host.
   *
   * @throws FileError that names what is missing or has another shape, and the shape it should have
   */
  async read(name: string, shape: readonly number[]): Promise<Float32Array> {
    const values = new Float32Array(elementsOf(shape));
    await this.reader(this.#expect(name, shape), values);
    return values;
  }

  /** One tensor on the device, for as long as the model is there: a part of the file where that holds float32, a copy else. */
  async load(name: string, shape: readonly number[]): Promise<DeviceBuffer> {
    const entry = this.#expect(name, shape);
    const buffer = this.#loaded.get(entry) ?? this.keep(await this.#upload([entry]));
    this.#loaded.set(entry, buffer);
    return buffer;
  }

  /**
   * Tensors one behind the other on the device, such as a weight that is to be packed.
   *
   * @returns `kept` if the memory is there as long as the model anyhow; else it is the caller's, who hands it over to
   *   `keep` or `keepForNow`
   */
  async stage(names: readonly string[], shapes: readonly (readonly number[])[]): Promise<Staged> {
    const entries = names.map((name, i) => this.#expect(name, shapes[i]!));
    const loaded = entries.length === 1 ? this.#loaded.get(entries[0]!) : undefined;
    return loaded ? { buffer: loaded, kept: true } : { buffer: await this.#upload(entries), kept: false };
  }

  /** Hands over a buffer to be freed with the weights. */
  keep(buffer: DeviceBuffer): DeviceBuffer {
    this.#buffers.push(buffer);
    return buffer;
  }

  /** Hands over a buffer that is needed only until what was submitted has run: `settle` frees it. */
  keepForNow(buffer: DeviceBuffer): void {
    this.#passing.push(buffer);
  }

  /** Frees what was needed only until now where that has become much. */
  async relieve(): Promise<void> {
    const bytes = this.#passing.reduce((sum, buffer) => sum + buffer.bytes, 0);
    if (bytes > muchMemory) await this.settle();
  }

  /** Waits for the device and frees what was needed only until now. @throws KernelError if packing failed */
  async settle(): Promise<void> {
    using nothing = this.device.allocate(4);
    await this.device.download(nothing, new Uint32Array(1));
    for (const buffer of this.#passing.splice(0)) buffer[Symbol.dispose]();
    this.#scratch = new Float32Array(0);
  }

  /** Tensors of the file that nobody asked for, in its order. */
  get unused(): string[] {
    return [...this.checkpoint.tensors.keys()].filter((name) => !this.#used.has(name));
  }

  /** Numbers in the tensors that were asked for. */
  get parameters(): number {
    return [...this.#used.values()].reduce((sum, { shape }) => sum + elementsOf(shape), 0);
  }

  /** Bytes of device memory that it owns; parts of files that are mapped count too. */
  get bytes(): number {
    return this.#buffers.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Element types of the tensors that were asked for, in the order in which they came. */
  get dtypes(): string[] {
    return [...new Set([...this.#used.values()].map(({ type }) => type))];
  }

  [Symbol.dispose](): void {
    for (const buffer of [...this.#passing.splice(0), ...this.#buffers.splice(0)]) buffer[Symbol.dispose]();
  }

  async #upload(entries: readonly TensorEntry[]): Promise<DeviceBuffer> {
    const [{ type, path, byteOffset, bytes }] = entries as [TensorEntry];
    const inFile = this.reader === readTensor && type === "F32" && byteOffset % 4 === 0;
    if (inFile && entries.length === 1) return this.device.adopt({ path, byteOffset, bytes });
    const sizes = entries.map(({ shape }) => elementsOf(shape));
    const elements = sizes.reduce((sum, size) => sum + size, 0);
    if (this.#scratch.length < elements) this.#scratch = new Float32Array(elements);
    let at = 0;
    for (const [i, entry] of entries.entries()) {
      await this.reader(entry, this.#scratch.subarray(at, at + sizes[i]!));
      at += sizes[i]!;
    }
    return this.device.upload(this.#scratch.subarray(0, elements));
  }

  #find(name: string): TensorEntry | undefined {
    const { tensors } = this.checkpoint;
    const known = (name: string) => tensors.get(name) ?? tensors.get(this.prefix + name);
    return known(name) ?? known(formerName(name));
  }

  #expect(name: string, shape: readonly number[]): TensorEntry {
    const entry = this.#find(name);
    const wanted = `tensor ${name} of shape [${shape.join(", ")}]`;
    if (!entry) {
      const near = suggest(name, this.checkpoint.tensors.keys());
      throw new FileError(this.checkpoint.path, `Expected a ${wanted} but there is none${near}`);
    }
    if (entry.shape.length !== shape.length || entry.shape.some((size, i) => size !== shape[i])) {
      const problem = `Expected a ${wanted} but its shape is [${entry.shape.join(", ")}]`;
      throw new FileError(entry.path, problem, `byte ${entry.byteOffset}`);
    }
    this.#used.set(entry.name, entry);
    return entry;
  }
}

/** What checkpoints of BERT's first years call the numbers of a norm: gamma and beta. */
function formerName(name: string): string {
  return name.replace(/(?<=LayerNorm\.)weight$/, "gamma").replace(/(?<=LayerNorm\.)bias$/, "beta");
}
