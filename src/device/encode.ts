import { DeviceError } from "../core/errors.js";
import type { DeviceBuffer } from "./device.js";
import type { Parameter, Recorder, Value } from "./plan.js";
import { assignSlots } from "./slots.js";

const leftOut = -1;
const arena = -2;
/** Elements: a cache line of 64 bytes. */
const alignment = 16;

/** A plan as the addon reads it. Slots are numbered: externals first, then constants. */
export interface Encoded {
  /** See native/binding/program.h. */
  readonly code: Float64Array;
  readonly constants: readonly DeviceBuffer[];
}

/** Writes a recorded plan as one array of numbers. */
export function encode(recorder: Recorder, kernels: readonly string[], poison: boolean): Encoded {
  const temporaries = placeTemporaries(recorder);
  const externals = [...recorder.externals.keys()];
  const constants: DeviceBuffer[] = [];

  const code: number[] = [temporaries.bytes, poison ? 1 : 0, recorder.steps.length];
  for (const step of recorder.steps) {
    code.push(kernelIndex(step.kernel.name, kernels), step.operands.length);
    for (const value of step.operands) code.push(...encodeOperand(value));
    code.push(step.parameters.length + step.options.length);
    for (const number of step.parameters) code.push(...encodeNumber(number));
    for (const option of step.options) code.push(-1, option);
  }
  return { code: Float64Array.from(code), constants };

  function encodeOperand(value: Value | null): number[] {
    if (value === null) return [leftOut, 0, -1, 0, 0];
    const { root, offset } = value;
    const place = {
      parameter: recorder.placeOf(offset.parameter),
      factor: offset.factor ?? 0,
      stride: value.strides[0] ?? 1,
    };
    const base = root.kind === "temporary" ? temporaries.offsetOf(root.id) : 0;
    const slot = root.kind === "temporary" ? arena : slotOf(root);
    return [slot, base + offset.constant, place.parameter, place.factor, place.stride];
  }

  function slotOf(root: Exclude<Value["root"], { kind: "temporary" }>): number {
    if (root.kind === "external") return externals.indexOf(root.name);
    const known = constants.indexOf(root.buffer);
    return externals.length + (known >= 0 ? known : constants.push(root.buffer) - 1);
  }

  function encodeNumber(number: number | Parameter): [parameter: number, value: number] {
    return typeof number === "number" ? [-1, number] : [recorder.placeOf(number.parameter), 0];
  }
}

function kernelIndex(name: string, kernels: readonly string[]): number {
  const index = kernels.indexOf(name);
  if (index < 0) throw new DeviceError("native", `the addon has no kernel ${name}: build it again with npm run build`);
  return index;
}

/** Lays the slots of all temporaries one behind the other. */
function placeTemporaries(recorder: Recorder): { bytes: number; offsetOf: (id: number) => number } {
  const { slots, slotOf } = assignSlots(recorder);
  const starts: number[] = [];
  let elements = 0;
  for (const slot of slots) {
    starts.push(elements);
    elements += Math.ceil(slot.elements / alignment) * alignment;
  }
  return { bytes: elements * 4, offsetOf: (id) => starts[slotOf.get(id)!]! };
}
