import { DeviceError, KernelError } from "../core/errors.js";

const scopes = ["internal", "out-of-memory", "validation"] as const;

/** Collects what the GPU finds wrong, which it tells later, until somebody waits for results. */
export class GpuChecks {
  readonly #gpu: GPUDevice;
  readonly #name: string;
  #found: Promise<Error | undefined>[] = [];
  #lost: DeviceError | undefined;

  /** @param name the device's, for errors */
  constructor(gpu: GPUDevice, name: string) {
    this.#gpu = gpu;
    this.#name = name;
    gpu.addEventListener("uncapturederror", ({ error }) =>
      this.report(new KernelError("webgpu", new Error(error.message))),
    );
    void gpu.lost.then(({ reason, message }) => {
      this.close(reason === "destroyed" ? "it has been closed" : `it was lost: ${message}`);
    });
  }

  /** From now on every use of the device fails with this reason; the first reason stays. */
  close(reason: string): void {
    this.#lost ??= new DeviceError(this.#name, reason);
  }

  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** @throws DeviceError if the device was closed or lost */
  throwIfLost(): void {
    if (this.#lost) throw this.#lost;
  }

  report(error: Error): void {
    this.#found.push(Promise.resolve(error));
  }

  /** Runs GPU calls on behalf of a kernel; what they find wrong is kept. */
  watch(kernel: string, work: () => void): void {
    for (const scope of scopes) this.#gpu.pushErrorScope(scope);
    try {
      work();
    } catch (cause) {
      this.report(
        cause instanceof KernelError || cause instanceof DeviceError ? cause : new KernelError(kernel, cause),
      );
    }
    for (const _ of scopes) {
      const error = this.#gpu
        .popErrorScope()
        .then((found) => found && new KernelError(kernel, new Error(found.message)));
      this.#found.push(error.catch(() => null).then((found) => found ?? undefined)); // it fails only with a lost device
    }
  }

  /** Waits until everything watched so far is known. @throws the first error of it */
  async settle(): Promise<void> {
    const found = await Promise.all(this.#found.splice(0));
    this.throwIfLost();
    const error = found.find((one) => one !== undefined);
    if (error) throw error;
  }
}
