import { ArgumentError } from "../core/errors.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { ElementType, Kernel } from "../device/kernel.js";
import { Recorder, type Value } from "../device/plan.js";

type Elements = Float32Array | Uint32Array;

/** Data of the host, for one call. */
export interface Given {
  readonly kind: "given";
  readonly data: Elements;
  readonly shape: readonly number[];
}

/** A result to allocate and to bring back. */
export interface Wanted {
  readonly kind: "wanted";
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Memory that is on the device already. */
export interface Held {
  readonly kind: "held";
  readonly buffer: DeviceBuffer;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

export type Operand = Given | Wanted | Held;

/** Data of the host: uploaded, and downloaded again if the kernel updates it. @throws ArgumentError that calls it `name` */
export function given(data: Elements, shape: readonly number[], name = "data"): Given {
  if (data.length !== count(shape)) throw new ArgumentError(name, `${shape.join(" × ")} elements`, data.length);
  return { kind: "given", data, shape };
}

/** A result: allocated, and downloaded when the kernel has run. */
export function wanted(type: ElementType, shape: readonly number[]): Wanted {
  return { kind: "wanted", type, shape };
}

/** Memory that is on the device already and stays there. */
export function held(buffer: DeviceBuffer, type: ElementType, shape: readonly number[]): Held {
  return { kind: "held", buffer, type, shape };
}

/**
 * Runs one kernel and downloads what it wrote: for single calls. Calls that are repeated belong in
 * a plan.
 *
 * @returns the operands that were wanted, and the given ones that the kernel updated, by name
 */
export async function runOnce<O extends string, P extends string, Option extends string>(
  device: Device,
  kernel: Kernel<O, P, Option>,
  operands: Readonly<Partial<Record<O, Operand>>>,
  parameters: Readonly<Record<P, number>>,
  ...options: [Option] extends [never] ? [] : [options: Readonly<Record<Option, number>>]
): Promise<Record<O, Elements>> {
  const recorder = new Recorder();
  const values: Partial<Record<O, Value>> = {};
  const buffers: Record<string, DeviceBuffer> = {};
  const own: DeviceBuffer[] = [];
  try {
    for (const [name, operand] of entriesOf(operands)) {
      values[name] = recorder.external(name, typeOf(operand), operand.shape);
      const buffer = place(device, operand);
      if (operand.kind !== "held") own.push(buffer);
      buffers[name] = buffer;
    }
    recorder.record(kernel, values, parameters, ...options);
    using plan = device.plan(recorder);
    device.submit(plan, { buffers }); // what fails is reported by the download
    return await collect(device, kernel, operands, buffers);
  } finally {
    for (const buffer of own) buffer[Symbol.dispose]();
  }
}

async function collect<O extends string, P extends string, Option extends string>(
  device: Device,
  kernel: Kernel<O, P, Option>,
  operands: Readonly<Partial<Record<O, Operand>>>,
  buffers: Readonly<Record<string, DeviceBuffer>>,
): Promise<Record<O, Elements>> {
  const results = {} as Record<O, Elements>;
  for (const [name, operand] of entriesOf(operands)) {
    if (operand.kind === "held" || kernel.operands[name].access === "read") continue;
    results[name] = await device.download(buffers[name]!, empty(typeOf(operand), operand.shape));
  }
  return results;
}

function entriesOf<O extends string>(operands: Readonly<Partial<Record<O, Operand>>>): [O, Operand][] {
  return Object.entries(operands).filter((entry): entry is [O, Operand] => entry[1] !== undefined);
}

function typeOf(operand: Operand): ElementType {
  if (operand.kind !== "given") return operand.type;
  return operand.data instanceof Float32Array ? "f32" : "u32";
}

function place(device: Device, operand: Operand): DeviceBuffer {
  if (operand.kind === "held") return operand.buffer;
  return operand.kind === "given" ? device.upload(operand.data) : device.allocate(count(operand.shape) * 4);
}

function empty(type: ElementType, shape: readonly number[]): Elements {
  return type === "f32" ? new Float32Array(count(shape)) : new Uint32Array(count(shape));
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
