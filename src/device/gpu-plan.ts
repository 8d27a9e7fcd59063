import { KernelError } from "../core/errors.js";
import type { BindGroups } from "./bind-groups.js";
import type { Resolved } from "./check.js";
import type { DeviceBuffer } from "./device.js";
import type { GpuTraits } from "./kernel.js";
import {
  boundBytes,
  cut,
  type Dispatch,
  fold,
  type GpuLimits,
  type Piece,
  type Window,
  windowAlignment,
} from "./pieces.js";
import type { Pipeline } from "./pipelines.js";
import type { Plan, Recorder, Step } from "./plan.js";
import type { WebGpuDevice } from "./webgpu.js";
import { loadShader, type Shader, snakeCase } from "./wgsl.js";

/** A plan with what it needs to be submitted: its pipelines come when they are compiled. */
export class GpuPlan implements Plan {
  pipelines: readonly Pipeline[] | undefined;
  parameters: GPUBuffer | undefined;
  disposed = false;

  constructor(
    readonly device: WebGpuDevice,
    readonly recorder: Recorder,
    readonly memories: GPUBuffer[],
    readonly constants: readonly DeviceBuffer[],
    readonly bindGroups: BindGroups,
  ) {}
  get steps(): number {
    return this.recorder.steps.length;
  }
  [Symbol.dispose](): void {
    this.disposed = true;
    this.device.inLine(() => {
      for (const memory of this.memories.splice(0)) this.device.free(memory);
      this.parameters?.destroy();
    });
  }
}

/** Uniform blocks start at multiples of this many bytes. */
const blockBytes = 256;

/** One dispatch with everything it is given. */
export interface Call {
  readonly step: number;
  readonly piece: Piece;
  readonly dispatch: Dispatch;
  /** Where its parameters start in the uniform buffer. */
  readonly block: number;
}

/** A submit as dispatches, and the parameters of all of them in one array. */
export interface CallList {
  readonly calls: readonly Call[];
  readonly uniforms: ArrayBuffer;
}

/** Unrolls a plan into dispatches that fit the limits. */
export function listCalls(recorder: Recorder, resolved: Resolved, gpu: GpuTraits, limits: GpuLimits): CallList {
  const calls: Call[] = [];
  recorder.steps.forEach((step, index) => {
    for (const piece of cut(step, resolved, limits)) {
      for (const dispatch of fold(groupsOf(step, piece, gpu), limits)) {
        calls.push({ step: index, piece, dispatch, block: calls.length * blockBytes });
      }
    }
  });
  const uniforms = new ArrayBuffer(calls.length * blockBytes);
  for (const call of calls)
    writeBlock(new DataView(uniforms, call.block, blockBytes), recorder.steps[call.step]!, call);
  return { calls, uniforms };
}

function groupsOf({ kernel, options }: Step, { parameters }: Piece, gpu: GpuTraits): number {
  return kernel.groups(named(kernel.parameters, parameters), gpu, named(kernel.options ?? [], options));
}

function named(
  names: readonly string[] | Readonly<Record<string, unknown>>,
  values: readonly number[],
): Record<string, number> {
  const keys = Array.isArray(names) ? (names as readonly string[]) : Object.keys(names);
  return Object.fromEntries(keys.map((name, i) => [name, values[i]!]));
}

/** Fills `struct Params` field by field, by name. */
function writeBlock(block: DataView, step: Step, { piece, dispatch }: Call): void {
  const { fields } = loadShader(step.kernel.name);
  const values = blockValues(step, piece, dispatch);
  if (fields.length * 4 > blockBytes) {
    throw new KernelError(step.kernel.name, new Error(`struct Params has more than ${blockBytes} bytes`));
  }
  fields.forEach(({ name, type }, i) => {
    const value = values.get(name);
    if (value === undefined) throw new KernelError(step.kernel.name, new Error(`nothing known fills params.${name}`));
    if (type === "f32") block.setFloat32(i * 4, value, true);
    else block.setUint32(i * 4, checkU32(step, name, value), true);
  });
}

function blockValues(step: Step, piece: Piece, { first }: Dispatch): Map<string, number> {
  const values = new Map([["group_offset", first]]);
  Object.keys(step.kernel.parameters).forEach((name, i) => {
    values.set(snakeCase(name), piece.parameters[i]!);
  });
  Object.keys(step.kernel.operands).forEach((name, i) => {
    const start = piece.windows[i]?.start ?? 0;
    values.set(`${snakeCase(name)}_offset`, start % windowAlignment);
    values.set(`${snakeCase(name)}_stride`, step.operands[i]?.strides[0] ?? 1);
  });
  return values;
}

function checkU32(step: Step, name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new KernelError(step.kernel.name, new Error(`params.${name} is a u32 and cannot hold ${value}`));
}

/** The `override` constants of a step: its options, and which optional operands are there. */
export function constantsOf({ kernel, operands, options }: Step, { overrides }: Shader): Record<string, number> {
  const chosen = (kernel.options ?? []).map((name, i) => [snakeCase(name), options[i]!] as const);
  const present = Object.keys(kernel.operands).map(
    (name, i) => [`has_${snakeCase(name)}`, operands[i] === null ? 0 : 1] as const,
  );
  return Object.fromEntries([...chosen, ...present].filter(([name]) => overrides.includes(name)));
}

/** A binding of a window onto memory that starts at `byteOffset`: the aligned start and the bytes, as WebGPU wants them. */
export function bindingOf(window: Window, byteOffset: number): { offset: number; size: number } {
  const aligned = window.start - (window.start % windowAlignment);
  return { offset: byteOffset + aligned * 4, size: boundBytes(window) };
}
