import { ArgumentError } from "../core/errors.js";
import type { Bindings, BufferSlice, DeviceBuffer } from "./device.js";
import type { Axes } from "./kernel.js";
import type { Parameter, Recorder, Step, Value } from "./plan.js";

/** The bindings of one submit, in the order in which the plan knows its externals and parameters. */
export interface Resolved {
  readonly slices: readonly BufferSlice[];
  readonly parameters: readonly number[];
  readonly numberOf: (number: number | Parameter) => number;
}

/** Puts what `submit` was given into the plan's order. @throws ArgumentError for what is missing or unknown */
export function resolve(recorder: Recorder, { buffers = {}, parameters = {} }: Bindings): Resolved {
  const externals = [...recorder.externals.keys()];
  rejectStrangers("buffers", buffers, externals, (name) => recorder.externals.has(name));
  rejectStrangers("parameters", parameters, recorder.parameters, (name) => recorder.placeOf(name) >= 0);
  const slices = externals.map((name) => {
    const given = buffers[name];
    if (!given) throw new ArgumentError(`buffers.${name}`, "a buffer", given);
    return "buffer" in given ? given : { buffer: given, byteOffset: 0 };
  });
  const values = recorder.parameters.map((name) => {
    const given = parameters[name];
    if (given === undefined || !Number.isFinite(given))
      throw new ArgumentError(`parameters.${name}`, "a number", given);
    return given;
  });
  const numberOf = (number: number | Parameter) =>
    typeof number === "number" ? number : values[recorder.placeOf(number.parameter)]!;
  return { slices, parameters: values, numberOf };
}

function rejectStrangers(
  what: string,
  given: object,
  known: readonly string[],
  isKnown: (name: string) => boolean,
): void {
  const stranger = Object.keys(given).find((name) => !isKnown(name));
  if (stranger !== undefined)
    throw new ArgumentError(what, known.length ? `only ${known.join(", ")}` : "none", stranger);
}

/** Checks that `bytes` bytes from `byteOffset` lie inside a buffer. */
export function checkRange(buffer: DeviceBuffer, byteOffset: number, bytes: number): void {
  if (byteOffset % 4 !== 0 || byteOffset < 0) throw new ArgumentError("byteOffset", "a multiple of 4", byteOffset);
  if (byteOffset + bytes > buffer.bytes) {
    throw new ArgumentError("buffer", `at least ${byteOffset + bytes} bytes`, `one of ${buffer.bytes}`);
  }
}

/** The first element of a value in its root. */
export function startOf(value: Value, numberOf: Resolved["numberOf"]): number {
  const { constant, parameter, factor = 0 } = value.offset;
  return constant + (parameter === undefined ? 0 : factor * numberOf({ parameter }));
}

const knownAxes = new WeakMap<Step, Axes>();

/** The axes of a step's kernel with the options it was recorded with. */
export function axesOf(step: Step): Axes {
  let axes = knownAxes.get(step);
  if (!axes) {
    const { axes: given = {}, options = [] } = step.kernel;
    axes =
      typeof given === "function"
        ? given(Object.fromEntries(options.map((name, i) => [name, step.options[i]!])))
        : given;
    knownAxes.set(step, axes);
  }
  return axes;
}

/** How long each dimension of an operand is in this call: its shape, or the parameter that runs along it. */
export function extentOf(step: Step, operand: number, parameters: readonly number[]): number[] {
  const extent = [...step.operands[operand]!.shape];
  const name = Object.keys(step.kernel.operands)[operand]!;
  Object.keys(step.kernel.parameters).forEach((parameter, i) => {
    const dimension = axesOf(step)[parameter]?.[name] ?? step.kernel.extents?.[parameter]?.[name];
    if (dimension !== undefined) extent[dimension] = parameters[i]!;
  });
  return extent;
}

/** Elements from the first to behind the last that a window of this extent covers. */
export function spanOf(extent: readonly number[], strides: readonly number[]): number {
  if (extent.some((size) => size === 0)) return 0;
  return extent.reduce((span, size, dimension) => span + (size - 1) * strides[dimension]!, 1);
}
