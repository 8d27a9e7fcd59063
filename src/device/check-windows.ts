import { KernelError } from "../core/errors.js";
import { axesOf, type Resolved } from "./check.js";
import type { DeviceBuffer } from "./device.js";
import type { Parameter, Recorder, Step } from "./plan.js";

/** One operand's window: what is the same for every submit is found out once, as a plan may run a thousand times a second. */
interface Window {
  readonly kernel: string;
  readonly operand: string;
  readonly writes: boolean;
  /** The number of its external value; −1 for memory that the plan knows, of so many elements. */
  readonly external: number;
  readonly buffer: DeviceBuffer | null;
  readonly elements: number;
  /** Where it starts: constant + factor · parameter; numbers of parameters are −1 where there is none. */
  readonly constant: number;
  readonly parameter: number;
  readonly factor: number;
  /** How long it is along each dimension: `size`, or a parameter. */
  readonly dimensions: readonly { readonly size: number; readonly parameter: number; readonly stride: number }[];
}

const knownWindows = new WeakMap<Recorder, readonly Window[]>();

/** Checks that every window that a submit opens lies inside its memory, and that nothing writes what is read-only. */
export function checkWindows(
  recorder: Recorder,
  { slices, parameters }: Resolved,
  readOnly: (buffer: DeviceBuffer) => boolean,
): void {
  for (const window of windowsOf(recorder)) {
    const end = endOf(window, parameters);
    const slice = window.external < 0 ? null : slices[window.external]!;
    const have = slice ? slice.buffer.bytes / 4 - slice.byteOffset / 4 : window.elements;
    if (end > have) throw failure(window, `would reach element ${end} of memory that holds ${have}`);
    const memory = slice?.buffer ?? window.buffer;
    if (window.writes && memory && readOnly(memory)) throw failure(window, "would be written, but is read-only memory");
  }
}

/** The element behind the last one that a window covers. */
function endOf({ constant, parameter, factor, dimensions }: Window, parameters: readonly number[]): number {
  let span = 1;
  for (const { size, parameter, stride } of dimensions) {
    const extent = parameter < 0 ? size : parameters[parameter]!;
    if (extent === 0) span = Number.NEGATIVE_INFINITY;
    span += (extent - 1) * stride;
  }
  return constant + (parameter < 0 ? 0 : factor * parameters[parameter]!) + Math.max(0, span);
}

function windowsOf(recorder: Recorder): readonly Window[] {
  const known = knownWindows.get(recorder);
  if (known) return known;
  const externals = [...recorder.externals.keys()];
  const number = (name: string | undefined) => recorder.placeOf(name);
  const windows = recorder.steps.flatMap((step) => stepWindows(step, externals, number));
  knownWindows.set(recorder, windows);
  return windows;
}

function stepWindows(
  step: Step,
  externals: readonly string[],
  number: (name: string | undefined) => number,
): readonly Window[] {
  const descriptions = Object.entries(step.kernel.operands);
  return step.operands.flatMap((value, i): Window[] => {
    if (value === null) return [];
    const { root, offset, shape, strides } = value;
    const [operand, { access }] = descriptions[i]!;
    const given = lengthsOf(step, operand);
    return [
      {
        kernel: step.kernel.name,
        operand,
        writes: access !== "read",
        external: root.kind === "external" ? externals.indexOf(root.name) : -1,
        buffer: root.kind === "constant" ? root.buffer : null,
        elements: root.elements,
        constant: offset.constant,
        parameter: number(offset.parameter),
        factor: offset.factor ?? 0,
        dimensions: shape.map((length, dimension) => {
          const size = given.get(dimension) ?? length;
          const stride = strides[dimension]!;
          if (typeof size === "number") return { size, parameter: -1, stride };
          return { size: length, parameter: number(size.parameter), stride };
        }),
      },
    ];
  });
}

/** The numbers that say how long an operand's dimensions are in a call, where that is not its shape. */
function lengthsOf(step: Step, operand: string): Map<number, number | Parameter> {
  const lengths = new Map<number, number | Parameter>();
  Object.keys(step.kernel.parameters).forEach((parameter, i) => {
    const dimension = axesOf(step)[parameter]?.[operand] ?? step.kernel.extents?.[parameter]?.[operand];
    if (dimension !== undefined) lengths.set(dimension, step.parameters[i]!);
  });
  return lengths;
}

function failure({ kernel, operand }: Window, problem: string): KernelError {
  return new KernelError(kernel, new Error(`${operand} ${problem}`));
}
