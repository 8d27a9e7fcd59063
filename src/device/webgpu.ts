import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ArgumentError, DeviceError, FileError, KernelError } from "../core/errors.js";
import { checkRange, checkWindows, type Resolved, resolve } from "./check.js";
import type {
  Bindings,
  BufferSlice,
  Device,
  DeviceBuffer,
  DeviceDescription,
  Fence,
  FileRegion,
  HostArray,
} from "./device.js";
import { bindingOf, type Call, listCalls } from "./gpu-plan.js";
import type { GpuTraits } from "./kernel.js";
import type { GpuLimits } from "./pieces.js";
import { type Pipeline, Pipelines } from "./pipelines.js";
import type { Plan, Recorder, Value } from "./plan.js";
import { assignSlots } from "./slots.js";

/** How a GPU is opened. */
export interface GpuOptions {
  /** Smaller limits than the adapter's, so that tests reach what only large inputs reach. */
  readonly limits?: Partial<GpuLimits>;
  /** Fills fresh memory with NaN, so that a kernel that reads what nobody wrote is found out. For tests. */
  readonly poison?: boolean;
}

class GpuBuffer implements DeviceBuffer {
  constructor(
    readonly device: WebGpuDevice,
    readonly bytes: number,
    readonly memory: GPUBuffer,
    readonly readOnly: boolean,
  ) {}
  [Symbol.dispose](): void {
    this.device.free(this.memory);
  }
}

class GpuPlan implements Plan {
  readonly bindGroups = new Map<string, GPUBindGroup>();
  pipelines: readonly Pipeline[] | undefined;
  uniforms: GPUBuffer | undefined;

  constructor(
    readonly device: WebGpuDevice,
    readonly recorder: Recorder,
    readonly temporaries: ReadonlyMap<number, GPUBuffer>,
    readonly ready: Promise<void>,
  ) {}
  get steps(): number {
    return this.recorder.steps.length;
  }
  [Symbol.dispose](): void {
    for (const memory of new Set(this.temporaries.values())) this.device.free(memory);
    if (this.uniforms) this.device.free(this.uniforms);
  }
}

const storage = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST
const uniform = 0x40 | 0x08; // UNIFORM | COPY_DST
const staging = 0x01 | 0x08; // MAP_READ | COPY_DST
/** Bind groups that a plan keeps; with windows that move at every submit there is no end of them. */
const keptBindGroups = 4096;

/** Runs plans as WGSL through WebGPU: one command buffer per submit. */
export class WebGpuDevice implements Device {
  readonly kind = "webgpu";
  readonly #gpu: GPUDevice;
  readonly #pipelines: Pipelines;
  readonly #traits: GpuTraits;
  readonly #limits: GpuLimits;
  readonly #poison: boolean;
  readonly #nothing: GPUBuffer;
  #checks: Promise<Error | undefined>[] = [];
  /** Work that waits for pipelines; everything later waits behind it. */
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();
  #lost: DeviceError | undefined;
  #submits = 0;

  constructor(
    gpu: GPUDevice,
    readonly description: DeviceDescription,
    { limits = {}, poison = false }: GpuOptions = {},
  ) {
    this.#gpu = gpu;
    this.#poison = poison;
    this.#limits = {
      bindingBytes: gpu.limits.maxStorageBufferBindingSize,
      groupsPerDimension: gpu.limits.maxComputeWorkgroupsPerDimension,
      ...limits,
    };
    this.#traits = traitsOf(gpu);
    this.#pipelines = new Pipelines(gpu);
    this.#nothing = gpu.createBuffer({ label: "nothing", size: 256, usage: storage });
    gpu.addEventListener("uncapturederror", ({ error }) => {
      this.#checks.push(Promise.resolve(new KernelError("webgpu", new Error(error.message))));
    });
    void gpu.lost.then(({ reason, message }) => {
      this.#lost ??= new DeviceError(
        description.name,
        reason === "destroyed" ? "it has been closed" : `it was lost: ${message}`,
      );
    });
  }

  get submits(): number {
    return this.#submits;
  }

  allocate(bytes: number): GpuBuffer {
    const buffer = new GpuBuffer(this, bytes, this.#create(bytes), false);
    if (this.#poison) this.#fill(buffer.memory);
    return buffer;
  }

  upload(data: HostArray): GpuBuffer {
    const buffer = new GpuBuffer(this, data.byteLength, this.#create(data.byteLength), false);
    this.#copyIn(buffer.memory, data, 0);
    return buffer;
  }

  write(buffer: DeviceBuffer, data: HostArray, byteOffset = 0): void {
    const own = this.#own(buffer);
    if (own.readOnly) throw new ArgumentError("buffer", "a buffer that may be written", "an adopted file region");
    checkRange(own, byteOffset, data.byteLength);
    if (this.#waiting === 0) this.#copyIn(own.memory, data, byteOffset);
    else {
      const copy = data.slice();
      void this.#enqueue(async () => this.#copyIn(own.memory, copy, byteOffset));
    }
  }

  adopt(region: FileRegion): GpuBuffer {
    const memory = this.#create(region.bytes, true);
    readInto(new Uint8Array(memory.getMappedRange()), region);
    memory.unmap();
    return new GpuBuffer(this, region.bytes, memory, true);
  }

  plan(recorder: Recorder): Plan {
    this.#checkAlive();
    const { slots, slotOf } = assignSlots(recorder);
    const memories = slots.map(({ elements }) => this.#create(elements * 4));
    if (this.#poison) for (const memory of memories) this.#fill(memory);
    const temporaries = new Map([...slotOf].map(([id, slot]) => [id, memories[slot]!]));
    const pipelines = Promise.all(recorder.steps.map((step) => this.#pipelines.get(step)));
    const ready = pipelines.then((all) => {
      plan.pipelines = all;
    });
    ready.catch(() => {}); // reported by the submit that waits for it
    const plan = new GpuPlan(this, recorder, temporaries, ready);
    return plan;
  }

  submit(plan: Plan, bindings: Bindings): Fence {
    if (!(plan instanceof GpuPlan) || plan.device !== this) {
      throw new ArgumentError("plan", "a plan of this device", "another device's");
    }
    this.#checkAlive();
    const resolved = resolve(plan.recorder, bindings);
    checkWindows(plan.recorder, resolved, (buffer) => this.#own(buffer).readOnly);
    this.#submits++;
    if (plan.pipelines && this.#waiting === 0) this.#encode(plan, resolved);
    else {
      void this.#enqueue(async () => {
        await plan.ready;
        this.#encode(plan, resolved);
      });
    }
    const gpu = this.#gpu;
    const self = this;
    return {
      get done() {
        return self.#settle().then(() => gpu.queue.onSubmittedWorkDone());
      },
    };
  }

  async download<Out extends HostArray>(buffer: DeviceBuffer, into: Out, byteOffset = 0): Promise<Out> {
    const own = this.#own(buffer);
    checkRange(own, byteOffset, into.byteLength);
    await this.#settle();
    if (into.byteLength === 0) return into;
    const size = Math.ceil(into.byteLength / 4) * 4;
    const copy = this.#gpu.createBuffer({ label: "staging", size, usage: staging });
    try {
      const encoder = this.#gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(own.memory, byteOffset, copy, 0, size);
      this.#gpu.queue.submit([encoder.finish()]);
      await this.#gpu.queue.onSubmittedWorkDone(); // a pending mapAsync would spin this thread
      await copy.mapAsync(1 /* READ */);
      new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(
        new Uint8Array(copy.getMappedRange(), 0, into.byteLength),
      );
      await this.#settle();
      return into;
    } finally {
      copy.destroy();
    }
  }

  /** Gives memory back once nothing that was asked for before needs it. */
  free(memory: GPUBuffer): void {
    if (this.#waiting === 0) memory.destroy();
    else void this.#tail.then(() => memory.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail;
    if (!this.#lost) await this.#gpu.queue.onSubmittedWorkDone();
    this.#lost ??= new DeviceError(this.description.name, "it has been closed");
    this.#gpu.destroy();
  }

  #encode(plan: GpuPlan, resolved: Resolved): void {
    this.#checked(plan.recorder.steps.map(({ kernel }) => kernel.name).at(0) ?? "plan", () => {
      const { calls, uniforms } = listCalls(plan.recorder, resolved, this.#traits, this.#limits);
      if (calls.length === 0) return;
      const blocks = this.#uniformsOf(plan, uniforms.byteLength);
      this.#gpu.queue.writeBuffer(blocks, 0, uniforms);
      const encoder = this.#gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const call of calls) {
        pass.setPipeline(plan.pipelines![call.step]!.pipeline);
        pass.setBindGroup(0, this.#bindGroup(plan, call, resolved, blocks), [call.block]);
        pass.dispatchWorkgroups(...call.dispatch.grid);
      }
      pass.end();
      this.#gpu.queue.submit([encoder.finish()]);
    });
  }

  #bindGroup(plan: GpuPlan, call: Call, resolved: Resolved, blocks: GPUBuffer): GPUBindGroup {
    const externals = [...plan.recorder.externals.keys()];
    const step = plan.recorder.steps[call.step]!;
    const bound = step.operands.map((value, i) => {
      const window = call.piece.windows[i];
      if (value === null || !window) return { buffer: this.#nothing, offset: 0, size: 256 };
      const { memory, byteOffset } = this.#memoryOf(value, plan, externals, resolved.slices);
      const { offset, size } = bindingOf(window, byteOffset);
      return { buffer: memory, offset, size: Math.min(size, memory.size - offset) };
    });
    const key = `${call.step}:${bound.map(({ buffer, offset, size }) => `${labelOf(buffer)}+${offset}+${size}`).join()}`;
    const known = plan.bindGroups.get(key);
    if (known) return known;
    if (plan.bindGroups.size >= keptBindGroups) plan.bindGroups.clear();
    const pipeline = plan.pipelines![call.step]!;
    const group = this.#gpu.createBindGroup({
      layout: pipeline.layout,
      entries: [...bound, { buffer: blocks, offset: 0, size: pipeline.blockBytes }].map((resource, binding) => ({
        binding,
        resource,
      })),
    });
    plan.bindGroups.set(key, group);
    return group;
  }

  #memoryOf({ root }: Value, plan: GpuPlan, externals: readonly string[], slices: readonly BufferSlice[]) {
    if (root.kind === "temporary") return { memory: plan.temporaries.get(root.id)!, byteOffset: 0 };
    if (root.kind === "constant") return { memory: this.#own(root.buffer).memory, byteOffset: 0 };
    const slice = slices[externals.indexOf(root.name)]!;
    return { memory: this.#own(slice.buffer).memory, byteOffset: slice.byteOffset };
  }

  #uniformsOf(plan: GpuPlan, bytes: number): GPUBuffer {
    if (plan.uniforms && plan.uniforms.size >= bytes) return plan.uniforms;
    if (plan.uniforms) this.free(plan.uniforms);
    plan.bindGroups.clear();
    plan.uniforms = this.#gpu.createBuffer({ label: "parameters", size: bytes, usage: uniform });
    return plan.uniforms;
  }

  /** Runs GPU calls so that what they find wrong is reported at the next download. */
  #checked(name: string, work: () => void): void {
    const kinds = ["internal", "out-of-memory", "validation"] as const;
    for (const kind of kinds) this.#gpu.pushErrorScope(kind);
    try {
      work();
    } catch (cause) {
      const known = cause instanceof KernelError || cause instanceof DeviceError;
      this.#checks.push(Promise.resolve(known ? cause : new KernelError(name, cause)));
    }
    for (const _ of kinds) {
      this.#checks.push(
        this.#gpu.popErrorScope().then(
          (error) => (error ? new KernelError(name, new Error(error.message)) : undefined),
          () => undefined, // the device was lost, which is reported as such
        ),
      );
    }
  }

  /** Waits for what was asked for before. @throws what went wrong first */
  async #settle(): Promise<void> {
    await this.#tail;
    const failures = await Promise.all(this.#checks.splice(0));
    this.#checkAlive();
    const failure = failures.find((error) => error !== undefined);
    if (failure) throw failure;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#waiting++;
    this.#tail = this.#tail.then(work).then(
      () => {
        this.#waiting--;
      },
      (cause) => {
        this.#waiting--;
        this.#checks.push(Promise.resolve(cause instanceof Error ? cause : new KernelError("plan", cause)));
      },
    );
    return this.#tail;
  }

  #create(bytes: number, mapped = false): GPUBuffer {
    this.#checkAlive();
    if (bytes > this.#gpu.limits.maxBufferSize) {
      throw new DeviceError(
        this.description.name,
        `a buffer of ${bytes} bytes was asked for and it holds ${this.#gpu.limits.maxBufferSize} at most`,
      );
    }
    const size = Math.max(256, Math.ceil(bytes / 4) * 4);
    let memory: GPUBuffer | undefined;
    this.#checked("allocate", () => {
      memory = this.#gpu.createBuffer({ label: nextLabel(), size, usage: storage, mappedAtCreation: mapped });
    });
    if (!memory) throw new DeviceError(this.description.name, `${bytes} bytes of memory are not to be had`);
    return memory;
  }

  #copyIn(memory: GPUBuffer, data: HostArray, byteOffset: number): void {
    if (data.byteLength === 0) return;
    const whole = data.byteLength % 4 === 0 ? data : padded(data);
    this.#gpu.queue.writeBuffer(memory, byteOffset, whole.buffer as ArrayBuffer, whole.byteOffset, whole.byteLength);
  }

  #fill(memory: GPUBuffer): void {
    this.#copyIn(memory, new Uint8Array(memory.size).fill(0xff), 0);
  }

  #own(buffer: DeviceBuffer): GpuBuffer {
    if (buffer instanceof GpuBuffer && buffer.device === this) return buffer;
    throw new ArgumentError("buffer", "a buffer of this device", "another device's");
  }

  #checkAlive(): void {
    if (this.#lost) throw this.#lost;
  }
}

let labels = 0;
const nextLabel = () => `memory ${labels++}`;
/** Buffers are told apart by their labels. */
const labelOf = (buffer: GPUBuffer) => buffer.label;

function padded(data: HostArray): Uint8Array {
  const whole = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  whole.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return whole;
}

function traitsOf(gpu: GPUDevice): GpuTraits {
  return {
    invocations: gpu.limits.maxComputeInvocationsPerWorkgroup,
    workgroupBytes: gpu.limits.maxComputeWorkgroupStorageSize,
    subgroups: gpu.features.has("subgroups"),
    f16: gpu.features.has("shader-f16"),
  };
}

/** Reads a file region straight into GPU staging memory. @throws FileError if the file is shorter */
function readInto(bytes: Uint8Array, { path, byteOffset, bytes: wanted }: FileRegion): void {
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).size < byteOffset + wanted)
      throw new FileError(path, `is shorter than ${byteOffset + wanted} bytes`);
    for (let done = 0; done < wanted; ) {
      const read = readSync(file, bytes, done, Math.min(wanted - done, 2 ** 30), byteOffset + done);
      if (read === 0) throw new FileError(path, `ended after ${byteOffset + done} bytes`);
      done += read;
    }
  } finally {
    closeSync(file);
  }
}
