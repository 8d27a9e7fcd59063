import type { Device, DeviceBuffer } from "../src/device/device.js";
import type { Kernel } from "../src/device/kernel.js";
import { Recorder, type Value } from "../src/device/plan.js";
import type { Given, Wanted } from "../src/kernels/run-once.js";

/** One kernel call with its memory on the device: what a benchmark times. */
export interface Prepared<Operand extends string> extends Disposable {
  /** Runs it and waits until it is done. */
  run(): Promise<void>;
  write(operand: Operand, data: Float32Array | Uint32Array): void;
  read<Out extends Float32Array | Uint32Array>(operand: Operand, into: Out): Promise<Out>;
}

/** Uploads the operands of one kernel call and compiles it. */
export function prepareCall<Operand extends string, P extends string, Option extends string>(
  device: Device,
  kernel: Kernel<Operand, P, Option>,
  operands: Readonly<Partial<Record<Operand, Given | Wanted>>>,
  parameters: Readonly<Record<P, number>>,
  ...options: [Option] extends [never] ? [] : [options: Readonly<Record<Option, number>>]
): Prepared<Operand> {
  const recorder = new Recorder();
  const buffers = {} as Record<Operand, DeviceBuffer>;
  const values = {} as Record<Operand, Value>;
  for (const [name, operand] of Object.entries(operands) as [Operand, Given | Wanted][]) {
    const type = operand.kind === "wanted" ? operand.type : operand.data instanceof Float32Array ? "f32" : "u32";
    values[name] = recorder.external(name, type, operand.shape);
    const elements = operand.shape.reduce((product, size) => product * size, 1);
    buffers[name] = operand.kind === "given" ? device.upload(operand.data) : device.allocate(elements * 4);
  }
  recorder.record(kernel, values, parameters, ...options);
  const plan = device.plan(recorder);
  return {
    run: () => device.submit(plan, { buffers }).done,
    write: (operand, data) => device.write(buffers[operand], data),
    read: (operand, into) => device.download(buffers[operand], into),
    [Symbol.dispose]() {
      plan[Symbol.dispose]();
      for (const buffer of Object.values<DeviceBuffer>(buffers)) buffer[Symbol.dispose]();
    },
  };
}

/** Throws unless two numbers are equal; the largest error of exact work is 0. */
export function expectEqual(got: number | undefined, expected: number | undefined, where: string): void {
  if (got !== expected) throw new Error(`${where} is ${got} and should be ${expected}`);
}
