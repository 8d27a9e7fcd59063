import { ArgumentError, DeviceError, type FileError, type KernelError } from "../core/errors.js";
import { type Addon, loadAddon, type NativeMemory, type NativeProgram, type NativeQueue } from "./addon.js";
import { checkRange, type Resolved, resolve } from "./check.js";
import { checkWindows } from "./check-windows.js";
import type { Bindings, Device, DeviceBuffer, DeviceDescription, Fence, FileRegion, HostArray } from "./device.js";
import { type Encoded, encode } from "./encode.js";
import { expectRegion } from "./file-region.js";
import { failureOf } from "./native-failure.js";
import type { Plan, Recorder } from "./plan.js";

/** How a native device is opened. */
export interface NativeOptions {
  /** Threads that kernels run on; as many as there are usable cores where left out. */
  readonly threads?: number;
  /** Fills fresh memory with NaN, so that a kernel that reads what nobody wrote is found out. For tests. */
  readonly poison?: boolean;
}

class NativeBuffer implements DeviceBuffer {
  #memory: NativeMemory | undefined;

  constructor(
    readonly device: NativeDevice,
    readonly bytes: number,
    memory: NativeMemory,
    readonly region: FileRegion | null,
  ) {
    this.#memory = memory;
  }

  /** A file's bytes are never written. */
  get readOnly(): boolean {
    return this.region !== null;
  }

  get memory(): NativeMemory {
    if (!this.#memory) throw new ArgumentError("buffer", "a buffer that has not been freed", "a freed one");
    return this.#memory;
  }

  [Symbol.dispose](): void {
    if (this.#memory) this.device.addon.release(this.#memory);
    this.#memory = undefined;
  }
}

class NativePlan implements Plan {
  #program: NativeProgram | undefined;

  constructor(
    readonly device: NativeDevice,
    readonly recorder: Recorder,
    program: NativeProgram,
    readonly constants: Encoded["constants"],
  ) {
    this.#program = program;
  }

  get steps(): number {
    return this.recorder.steps.length;
  }

  get program(): NativeProgram {
    if (!this.#program) throw new ArgumentError("plan", "a plan that has not been disposed of", "a disposed one");
    return this.#program;
  }

  [Symbol.dispose](): void {
    if (this.#program) this.device.addon.discard(this.#program);
    this.#program = undefined;
  }
}

/** Runs plans in C++, on threads of its own and never on the main thread. */
export class NativeDevice implements Device {
  readonly kind = "native";
  readonly description: DeviceDescription;
  readonly addon: Addon;
  readonly #queue: NativeQueue;
  readonly #poison: boolean;
  #failure: KernelError | FileError | undefined;
  #submits = 0;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor({ threads = 0, poison = false }: NativeOptions = {}) {
    if (!Number.isInteger(threads) || threads < 0 || threads > 1024) {
      throw new ArgumentError("threads", "an integer from 1 to 1024", threads);
    }
    this.addon = loadAddon();
    this.description = describeNative(this.addon, threads);
    this.#queue = this.addon.open(threads);
    this.#poison = poison;
  }

  get submits(): number {
    return this.#submits;
  }

  allocate(bytes: number): NativeBuffer {
    const memory = this.#reserve(bytes, () => this.addon.allocate(bytes));
    const buffer = new NativeBuffer(this, bytes, memory, null);
    if (this.#poison) this.write(buffer, new Uint8Array(bytes).fill(0xff));
    return buffer;
  }

  zeros(bytes: number): NativeBuffer {
    const memory = this.#reserve(bytes, () => this.addon.zeros(this.#queue, bytes));
    return new NativeBuffer(this, bytes, memory, null);
  }

  upload(data: HostArray): NativeBuffer {
    const memory = this.#reserve(data.byteLength, () => this.addon.upload(data));
    return new NativeBuffer(this, data.byteLength, memory, null);
  }

  write(buffer: DeviceBuffer, data: HostArray, byteOffset = 0): void {
    const own = this.#own(buffer);
    if (own.readOnly) throw new ArgumentError("buffer", "a buffer that may be written", "an adopted file region");
    checkRange(own, byteOffset, data.byteLength);
    this.#throwIfClosed();
    this.#follow(this.addon.write(this.#queue, own.memory, byteOffset, data), "write", []);
  }

  adopt(region: FileRegion): NativeBuffer {
    const { path, byteOffset, bytes } = region;
    expectRegion(region);
    if (byteOffset % 4 !== 0) throw new ArgumentError("byteOffset", "a multiple of 4", byteOffset);
    return new NativeBuffer(
      this,
      bytes,
      this.#reserve(bytes, () => this.addon.map(path, byteOffset, bytes)),
      region,
    );
  }

  plan(recorder: Recorder): Plan {
    const { code, constants } = encode(recorder, this.addon.describe().kernels, this.#poison);
    return new NativePlan(
      this,
      recorder,
      this.#reserve(code[0]!, () => this.addon.compile(code)),
      constants,
    );
  }

  submit(plan: Plan, bindings: Bindings): Fence {
    if (!(plan instanceof NativePlan)) throw new ArgumentError("plan", "a plan of this device", "another device's");
    this.#throwIfClosed();
    const resolved: Resolved = resolve(plan.recorder, bindings);
    checkWindows(plan.recorder, resolved, (buffer) => this.#own(buffer).readOnly);
    const slices = [...resolved.slices, ...plan.constants.map((buffer) => ({ buffer, byteOffset: 0 }))];
    const buffers = slices.map(({ buffer }) => this.#own(buffer));
    const memories = buffers.map(({ memory }) => memory);
    const offsets = Float64Array.from(slices, ({ byteOffset }) => byteOffset);
    this.#submits++;
    return {
      done: this.#follow(
        this.addon.submit(this.#queue, plan.program, memories, offsets, Float64Array.from(resolved.parameters)),
        plan.recorder.steps[0]?.kernel.name ?? "plan",
        buffers,
      ),
    };
  }

  async download<Out extends HostArray>(buffer: DeviceBuffer, into: Out, byteOffset = 0): Promise<Out> {
    const own = this.#own(buffer);
    checkRange(own, byteOffset, into.byteLength);
    this.#throwIfClosed();
    await this.addon.download(this.#queue, own.memory, byteOffset, into).catch((cause) => {
      throw failureOf("download", cause, [own]);
    });
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
    return into;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    this.addon.close(this.#queue);
  }

  /** Remembers the first failure, for the next download, and gives the promise that rejects with it. */
  #follow(work: Promise<void>, name: string, buffers: readonly NativeBuffer[]): Promise<void> {
    const done = work.catch((cause) => {
      const failure = failureOf(name, cause, buffers);
      this.#failure ??= failure;
      throw failure;
    });
    this.#last = done.catch(() => {});
    return done;
  }

  #own(buffer: DeviceBuffer): NativeBuffer {
    if (buffer instanceof NativeBuffer && buffer.device === this) return buffer;
    throw new ArgumentError("buffer", "a buffer of this device", "another device's");
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new DeviceError("native", "it has been closed");
  }

  #reserve<T>(bytes: number, make: () => T): T {
    this.#throwIfClosed();
    try {
      return make();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DeviceError(
        "native",
        reason === "out of memory" ? `${bytes} bytes of memory are not to be had` : reason,
        { cause },
      );
    }
  }
}

function describeNative(addon: Addon, threads: number): DeviceDescription {
  const { isa, available, features, cores } = addon.describe();
  return {
    kind: "native",
    name: "native",
    features: [`isa:${isa}`, ...available.filter((name) => name !== isa).map((name) => `also:${name}`), ...features],
    limits: { threads: threads || cores, cores },
  };
}
