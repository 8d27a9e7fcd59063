import { ArgumentError } from "../core/errors.js";
import type { DeviceBuffer } from "./device.js";
import type { WebGpuDevice } from "./webgpu.js";

/** Memory of a GPU in the caller's hands; freeing it gives it back to the device. */
export class GpuBuffer implements DeviceBuffer {
  #memory: GPUBuffer | undefined;

  constructor(
    readonly device: WebGpuDevice,
    readonly bytes: number,
    memory: GPUBuffer,
    readonly readOnly: boolean,
  ) {
    this.#memory = memory;
  }

  get memory(): GPUBuffer {
    if (!this.#memory) throw new ArgumentError("buffer", "a buffer that has not been freed", "a freed one");
    return this.#memory;
  }

  [Symbol.dispose](): void {
    if (this.#memory) this.device.free(this.#memory);
    this.#memory = undefined;
  }
}
