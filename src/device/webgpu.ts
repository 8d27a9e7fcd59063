import { ArgumentError, KernelError } from "../core/errors.js";
import { BindGroups, type GpuSlice, Nothing } from "./bind-groups.js";
import { checkRange, type Resolved, resolve } from "./check.js";
import { checkWindows } from "./check-windows.js";
import type { Bindings, Device, DeviceBuffer, DeviceDescription, Fence, FileRegion, HostArray } from "./device.js";
import { readRegion } from "./file-region.js";
import { GpuBuffer } from "./gpu-buffer.js";
import { GpuChecks } from "./gpu-checks.js";
import { GpuMemory } from "./gpu-memory.js";
import { GpuPlan, listCalls } from "./gpu-plan.js";
import { traitsOf } from "./gpu-traits.js";
import type { GpuTraits } from "./kernel.js";
import type { GpuLimits } from "./pieces.js";
import { Pipelines } from "./pipelines.js";
import type { Plan, Recorder, Value } from "./plan.js";
import { assignSlots } from "./slots.js";

/** How a GPU is opened. */
export interface GpuOptions {
  /** Smaller limits than the adapter's, so that tests reach what only large inputs reach. */
  readonly limits?: Partial<GpuLimits>;
  /** Fills fresh memory with NaN, so that a kernel that reads what nobody wrote is found out. For tests. */
  readonly poison?: boolean;
}

const uniform = 0x40 | 0x08; // UNIFORM | COPY_DST
const staging = 0x01 | 0x08; // MAP_READ | COPY_DST

/**
 * Runs plans as WGSL through WebGPU, one command buffer per submit. Pipelines compile in the
 * background; what is asked for meanwhile waits in line, so that the order stays.
 */
export class WebGpuDevice implements Device {
  readonly kind = "webgpu";
  readonly #gpu: GPUDevice;
  readonly #checks: GpuChecks;
  readonly #pipelines: Pipelines;
  readonly #traits: GpuTraits;
  readonly #limits: GpuLimits;
  readonly #memory: GpuMemory;
  readonly #nothing: Nothing;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();
  #submits = 0;

  constructor(
    gpu: GPUDevice,
    readonly description: DeviceDescription,
    { limits = {}, poison = false }: GpuOptions = {},
  ) {
    this.#gpu = gpu;
    this.#checks = new GpuChecks(gpu, description.name);
    this.#pipelines = new Pipelines(gpu);
    this.#traits = traitsOf(gpu);
    this.#limits = {
      bindingBytes: gpu.limits.maxStorageBufferBindingSize,
      groupsPerDimension: gpu.limits.maxComputeWorkgroupsPerDimension,
      ...limits,
    };
    this.#memory = new GpuMemory(gpu, this.#checks, description.name, poison);
    this.#nothing = new Nothing(gpu);
  }

  get submits(): number {
    return this.#submits;
  }

  allocate(bytes: number): GpuBuffer {
    return new GpuBuffer(this, bytes, this.#memory.take(bytes), false);
  }

  zeros(bytes: number): GpuBuffer {
    const buffer = this.allocate(bytes);
    const { memory } = buffer;
    this.inLine(() => {
      const encoder = this.#gpu.createCommandEncoder();
      encoder.clearBuffer(memory);
      this.#gpu.queue.submit([encoder.finish()]);
    });
    return buffer;
  }

  upload(data: HostArray): GpuBuffer {
    const buffer = new GpuBuffer(this, data.byteLength, this.#memory.take(data.byteLength), false);
    this.#copyIn(buffer.memory, data, 0);
    return buffer;
  }

  write(buffer: DeviceBuffer, data: HostArray, byteOffset = 0): void {
    const own = this.#own(buffer);
    if (own.readOnly) throw new ArgumentError("buffer", "a buffer that may be written", "an adopted file region");
    checkRange(own, byteOffset, data.byteLength);
    const copy = this.#waiting === 0 ? data : data.slice();
    const { memory } = own;
    this.inLine(() => this.#copyIn(memory, copy, byteOffset));
  }

  adopt(region: FileRegion): GpuBuffer {
    const memory = this.#memory.takeMapped(region.bytes);
    readRegion(new Uint8Array(memory.getMappedRange(), 0, region.bytes), region);
    memory.unmap();
    return new GpuBuffer(this, region.bytes, memory, true);
  }

  plan(recorder: Recorder): Plan {
    const { slots, slotOf } = assignSlots(recorder);
    const memories = slots.map(({ elements }) => this.#memory.take(elements * 4));
    const names = [...recorder.externals.keys()];
    const constants = new Map(recorder.constants.map((buffer) => [buffer, this.#own(buffer).memory]));
    const locate = ({ root }: Value, slices: readonly GpuSlice[]): GpuSlice => {
      if (root.kind === "temporary") return { memory: memories[slotOf.get(root.id)!]!, byteOffset: 0 };
      if (root.kind === "constant") return { memory: constants.get(root.buffer)!, byteOffset: 0 };
      return slices[names.indexOf(root.name)]!;
    };
    const groups = new BindGroups(this.#gpu, recorder, locate, this.#nothing);
    const plan = new GpuPlan(this, recorder, memories, [...constants.keys()], groups);
    this.#wait(async () => {
      plan.pipelines = await Promise.all(recorder.steps.map((step) => this.#pipelines.get(step)));
    });
    return plan;
  }

  submit(plan: Plan, bindings: Bindings): Fence {
    if (!(plan instanceof GpuPlan) || plan.device !== this) {
      throw new ArgumentError("plan", "a plan of this device", "another device's");
    }
    if (plan.disposed) throw new ArgumentError("plan", "a plan that has not been disposed of", "a disposed one");
    this.#checks.throwIfLost();
    const resolved = resolve(plan.recorder, bindings);
    checkWindows(plan.recorder, resolved, (buffer) => this.#own(buffer).readOnly);
    for (const buffer of plan.constants) this.#own(buffer).memory; // may be given back from now on, not before
    this.#submits++;
    const slices = resolved.slices.map(({ buffer, byteOffset }) => ({ memory: this.#own(buffer).memory, byteOffset }));
    this.inLine(() => this.#encode(plan, resolved, slices));
    const finish = () => this.#finish();
    return {
      get done() {
        return finish();
      },
    };
  }

  async download<Out extends HostArray>(buffer: DeviceBuffer, into: Out, byteOffset = 0): Promise<Out> {
    const own = this.#own(buffer);
    checkRange(own, byteOffset, into.byteLength);
    await this.#tail;
    await this.#checks.settle();
    if (into.byteLength === 0) return into;
    const size = Math.ceil(into.byteLength / 4) * 4;
    const copy = this.#gpu.createBuffer({ label: "staging", size, usage: staging });
    try {
      const encoder = this.#gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(own.memory, byteOffset, copy, 0, size);
      this.#gpu.queue.submit([encoder.finish()]);
      await this.#gpu.queue.onSubmittedWorkDone(); // first, because a pending mapAsync would spin this thread
      await this.#checks.settle();
      await copy.mapAsync(1 /* READ */);
      const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
      bytes.set(new Uint8Array(copy.getMappedRange(), 0, into.byteLength));
      return into;
    } finally {
      copy.destroy();
    }
  }

  /** Gives memory back once nothing that was asked for before needs it. */
  free(memory: GPUBuffer): void {
    this.inLine(() => this.#memory.give(memory));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail;
    if (this.#checks.alive) await this.#gpu.queue.onSubmittedWorkDone();
    this.#checks.close("it has been closed");
    this.#gpu.destroy();
  }

  /** @param slices the memory of the plan's externals, which the caller may have given back meanwhile, as the constants */
  #encode(plan: GpuPlan, resolved: Resolved, slices: readonly GpuSlice[]): void {
    const { steps } = plan.recorder;
    this.#checks.watch(steps[0]?.kernel.name ?? "plan", () => {
      if (!plan.pipelines) return; // they failed to compile, which has been reported
      const { calls, uniforms } = listCalls(plan.recorder, resolved, this.#traits, this.#limits);
      if (calls.length === 0) return;
      const parameters = this.#parametersOf(plan, uniforms.byteLength);
      this.#gpu.queue.writeBuffer(parameters, 0, uniforms);
      const encoder = this.#gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const call of calls) {
        const pipeline = plan.pipelines[call.step]!;
        pass.setPipeline(pipeline.pipeline);
        pass.setBindGroup(0, plan.bindGroups.get(call, pipeline, slices, parameters), [call.block]);
        pass.dispatchWorkgroups(...call.dispatch.grid);
      }
      pass.end();
      this.#gpu.queue.submit([encoder.finish()]);
    });
  }

  #parametersOf(plan: GpuPlan, bytes: number): GPUBuffer {
    if (plan.parameters && plan.parameters.size >= bytes) return plan.parameters;
    plan.parameters?.destroy();
    plan.parameters = this.#gpu.createBuffer({ label: `parameters ${bytes}`, size: bytes, usage: uniform });
    return plan.parameters;
  }

  /** Does something after everything that waits. */
  inLine(work: () => void): void {
    if (this.#waiting === 0) work();
    else this.#wait(async () => work());
  }

  #wait(work: () => Promise<void>): void {
    this.#waiting++;
    this.#tail = this.#tail
      .then(work)
      .catch((cause) => this.#checks.report(cause instanceof Error ? cause : new KernelError("plan", cause)))
      .finally(() => {
        this.#waiting--;
      });
  }

  /** Waits for all work; its failures stay for the next download. */
  async #finish(): Promise<void> {
    await this.#tail;
    await this.#gpu.queue.onSubmittedWorkDone();
    await this.#checks.peek();
  }

  #copyIn(memory: GPUBuffer, data: HostArray, byteOffset: number): void {
    if (data.byteLength === 0) return;
    const whole = data.byteLength % 4 === 0 ? data : padded(data);
    this.#gpu.queue.writeBuffer(memory, byteOffset, whole.buffer as ArrayBuffer, whole.byteOffset, whole.byteLength);
  }

  #own(buffer: DeviceBuffer): GpuBuffer {
    if (buffer instanceof GpuBuffer && buffer.device === this) return buffer;
    throw new ArgumentError("buffer", "a buffer of this device", "another device's");
  }
}

function padded(data: HostArray): Uint8Array {
  const whole = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  whole.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return whole;
}
