import { bindingOf, type Call } from "./gpu-plan.js";
import type { Pipeline } from "./pipelines.js";
import type { Recorder, Value } from "./plan.js";

/** Memory on the GPU, from a byte on. */
export interface GpuSlice {
  readonly memory: GPUBuffer;
  readonly byteOffset: number;
}

/** Finds the memory of a value in one submit, from that of the plan's externals. */
export type Locate = (value: Value, slices: readonly GpuSlice[]) => GpuSlice;

/** With windows that move at every submit there is no end of bind groups: a plan keeps this many. */
const kept = 4096;

/** A range of a buffer. */
interface Place {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Bytes of an operand that was left out. */
const nothingBytes = 256;

/** What is bound where an optional operand was left out. */
export class Nothing {
  readonly #read: GPUBuffer;
  readonly #written: GPUBuffer;

  constructor(gpu: GPUDevice) {
    const usage = 0x80; /* STORAGE */
    this.#read = gpu.createBuffer({ label: "nothing", size: nothingBytes, usage });
    this.#written = gpu.createBuffer({ label: "nothing written", size: 64 * nothingBytes, usage });
  }

  /** Operands that are written each have a place of their own: a dispatch may not see memory twice that it writes. */
  place(operand: number, access: "read" | "write" | "update"): Place {
    if (access === "read") return { buffer: this.#read, offset: 0, size: nothingBytes };
    return { buffer: this.#written, offset: operand * nothingBytes, size: nothingBytes };
  }
}

/** The bind groups of one plan, made when they are first needed. */
export class BindGroups {
  readonly #known = new Map<string, GPUBindGroup>();

  constructor(
    readonly gpu: GPUDevice,
    readonly recorder: Recorder,
    readonly locate: Locate,
    readonly nothing: Nothing,
  ) {}

  get(call: Call, pipeline: Pipeline, slices: readonly GpuSlice[], parameters: GPUBuffer): GPUBindGroup {
    const operands = this.recorder.steps[call.step]!.operands.map((value, i) => this.#bind(value, call, i, slices));
    const key = `${call.step}:${[...operands.map(keyOf), parameters.label].join()}`;
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= kept) this.#known.clear();
    const bound = [...operands, { buffer: parameters, offset: 0, size: pipeline.blockBytes }];
    const entries = bound.map((resource, binding) => ({ binding, resource }));
    const group = this.gpu.createBindGroup({ layout: pipeline.layout, entries });
    this.#known.set(key, group);
    return group;
  }

  #bind(value: Value | null, { piece, step }: Call, operand: number, slices: readonly GpuSlice[]): Place {
    const window = piece.windows[operand];
    if (value === null || !window) {
      const { access } = Object.values(this.recorder.steps[step]!.kernel.operands)[operand]!;
      return this.nothing.place(operand, access);
    }
    const { memory, byteOffset } = this.locate(value, slices);
    const { offset, size } = bindingOf(window, byteOffset);
    return { buffer: memory, offset, size: Math.min(size, memory.size - offset) };
  }
}

/** Buffers are told apart by their labels. */
function keyOf({ buffer, offset, size }: Place): string {
  return `${buffer.label}+${offset}+${size}`;
}
