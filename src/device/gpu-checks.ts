import { DeviceError, KernelError } from "../core/errors.js";

const scopes = ["internal", "out-of-memory", "validation"] as const;

/** Collects what the GPU finds wrong, which it tells later, until somebody waits for results. */
export class GpuChecks {
  readonly #gpu: GPUDevice;
  readonly #name: string;
  /** Resolves when everything watched so far is known. */
  #known: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
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
    this.#failure ??= error;
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
      const found = this.#gpu.popErrorScope().then(
        (error) => error && this.report(new KernelError(kernel, new Error(error.message))),
        () => {}, // fails only with a lost device, which is reported as such
      );
      this.#known = Promise.all([this.#known, found]);
    }
  }

  /** Waits until everything watched so far is known. @throws the first error of it, once */
  async settle(): Promise<void> {
    const error = await this.#first();
    this.#failure = undefined;
    if (error) throw error;
  }

  /** Like `settle`, but leaves the error for it. */
  async peek(): Promise<void> {
    const error = await this.#first();
    if (error) throw error;
  }

  async #first(): Promise<Error | undefined> {
    await this.#known;
    this.throwIfLost();
    return this.#failure;
  }
}
