import type { Plan, Recorder } from "./plan.js";

/** An array the host can read and write. */
export type HostArray = Float32Array | Uint32Array | Int32Array | Uint8Array | Float64Array | BigUint64Array;

/** Memory on a device, owned by whoever made it: open it with `using`. Only the device that made it can read it. */
export interface DeviceBuffer extends Disposable {
  readonly device: Device;
  readonly bytes: number;
}

/** Part of a file that holds plain little-endian numbers. */
export interface FileRegion {
  readonly path: string;
  readonly byteOffset: number;
  readonly bytes: number;
}

/** A submitted plan. */
export interface Fence {
  /** Resolves when the plan has run; rejects if it failed. */
  readonly done: Promise<void>;
}

/** What a plan is given when it is submitted: memory for its external values, numbers for its parameters. */
export interface Bindings {
  readonly buffers?: Readonly<Record<string, DeviceBuffer | BufferSlice>>;
  readonly parameters?: Readonly<Record<string, number>>;
}

/** Part of a buffer, in bytes. On a GPU `byteOffset` is a multiple of 256. */
export interface BufferSlice {
  readonly buffer: DeviceBuffer;
  readonly byteOffset: number;
}

/** What a device tells about itself: the rows of `neurometry devices`. */
export interface DeviceDescription {
  readonly kind: "native" | "webgpu";
  /** `native`, or `webgpu:` and the adapter's own name. */
  readonly name: string;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/**
 * A place where plans of kernels run. Everything runs in the order in which it was asked for;
 * `download` waits for what came before it and rejects if any of that failed.
 */
export interface Device extends AsyncDisposable {
  readonly kind: "native" | "webgpu";
  readonly description: DeviceDescription;
  /** Uninitialised memory. @throws DeviceError if the device has not that much */
  allocate(bytes: number): DeviceBuffer;
  /** Memory full of zeros, after everything that was submitted before. @throws DeviceError if the device has not that much */
  zeros(bytes: number): DeviceBuffer;
  /** Copies: what the caller does to `data` afterwards changes nothing. */
  upload(data: HostArray): DeviceBuffer;
  /** Copies `data` into a buffer, after everything that was submitted before. `byteOffset` is a multiple of 4. */
  write(buffer: DeviceBuffer, data: HostArray, byteOffset?: number): void;
  /** Read-only memory that is a part of a file: mapped without a copy on native. */
  adopt(region: FileRegion): DeviceBuffer;
  /** Makes a recorded plan ready: binds its temporaries, compiles its pipelines. It can be submitted often. */
  plan(recorder: Recorder): Plan;
  submit(plan: Plan, bindings: Bindings): Fence;
  /** Copies from a buffer into `into`, after everything that was submitted before. `byteOffset` is a multiple of 4. */
  download<Out extends HostArray>(buffer: DeviceBuffer, into: Out, byteOffset?: number): Promise<Out>;
  /** How many plans were submitted since the device was opened. */
  readonly submits: number;
}
