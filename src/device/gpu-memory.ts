import { DeviceError } from "../core/errors.js";
import type { GpuChecks } from "./gpu-checks.js";

const usage = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST
/** Freed memory that is kept for the next who asks. */
const keptBytes = 256 * 2 ** 20;

/**
 * The GPU's memory in sizes that are asked for again and again: freed buffers serve the next who
 * asks for their size. What uses a buffer is queued in order, so it may be handed on at once.
 */
export class GpuMemory {
  readonly #free = new Map<number, GPUBuffer[]>();
  #freeBytes = 0;
  #labels = 0;

  /** @param name the device's, for errors */
  constructor(
    readonly gpu: GPUDevice,
    readonly checks: GpuChecks,
    readonly name: string,
    readonly poison: boolean,
  ) {}

  /** @throws DeviceError if one buffer cannot hold that much */
  take(bytes: number): GPUBuffer {
    const size = sizeClass(bytes, this.gpu.limits.maxBufferSize);
    const known = this.#free.get(size)?.pop();
    if (known) this.#freeBytes -= size;
    const memory = known ?? this.#create(bytes, size, false);
    if (this.poison) this.gpu.queue.writeBuffer(memory, 0, new Uint8Array(size).fill(0xff));
    return memory;
  }

  /** Memory that the host can fill before its first use; it unmaps it then. */
  takeMapped(bytes: number): GPUBuffer {
    return this.#create(bytes, sizeClass(bytes, this.gpu.limits.maxBufferSize), true);
  }

  give(memory: GPUBuffer): void {
    if (this.#freeBytes + memory.size > keptBytes) {
      memory.destroy();
      return;
    }
    const same = this.#free.get(memory.size);
    if (same) same.push(memory);
    else this.#free.set(memory.size, [memory]);
    this.#freeBytes += memory.size;
  }

  #create(bytes: number, size: number, mappedAtCreation: boolean): GPUBuffer {
    this.checks.throwIfLost();
    const most = this.gpu.limits.maxBufferSize;
    if (bytes > most)
      throw new DeviceError(this.name, `a buffer of ${bytes} bytes was asked for and it holds ${most} at most`);
    let memory: GPUBuffer | undefined;
    this.checks.watch("allocate", () => {
      memory = this.gpu.createBuffer({ label: `memory ${this.#labels++}`, size, usage, mappedAtCreation });
    });
    if (!memory) throw new DeviceError(this.name, `${bytes} bytes of memory are not to be had`);
    return memory;
  }
}

/** The size that is reserved for `bytes`: steps of an eighth of a power of two, at least 256, so little is wasted. */
function sizeClass(bytes: number, most: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(Math.max(bytes, 1))) - 3));
  const size = Math.ceil(Math.max(bytes, 1) / step) * step;
  return bytes <= most ? Math.min(size, most) : size;
}
