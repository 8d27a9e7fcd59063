import { ArgumentError } from "../core/errors.js";
import type { DeviceBuffer } from "./device.js";
import type { ElementType, Kernel } from "./kernel.js";

/** A number that is given when the plan is submitted. */
export interface Parameter {
  readonly parameter: string;
}

/** `constant + factor · parameter`, in elements. */
export interface Offset {
  readonly constant: number;
  readonly parameter?: string;
  readonly factor?: number;
}

/** Where a value's memory comes from. */
export type Root =
  | { readonly kind: "temporary"; readonly id: number; readonly elements: number }
  | { readonly kind: "external"; readonly name: string; readonly elements: number }
  | { readonly kind: "constant"; readonly buffer: DeviceBuffer; readonly elements: number };

/** A strided window onto memory: what kernels read and write. Shapes are capacities; kernels get the counts as parameters. */
export interface Value {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Elements from one index to the next, one per dimension; the last is 1. */
  readonly strides: readonly number[];
  readonly offset: Offset;
  readonly root: Root;
}

/** One kernel call of a plan. */
export interface Step {
  readonly kernel: Kernel;
  /** In the kernel's order; null where an optional operand was left out. */
  readonly operands: readonly (Value | null)[];
  readonly parameters: readonly (number | Parameter)[];
  readonly options: readonly number[];
}

/** A compiled plan. It belongs to the device that compiled it. */
export interface Plan extends Disposable {
  readonly steps: number;
}

/**
 * Records kernels over values; nothing runs and no memory is bound until a device compiles it.
 *
 *     const plan = new Recorder();
 *     const x = plan.external("x", "f32", [rows, width]);
 *     const y = plan.temporary("f32", [rows, width]);
 *     plan.record(layerNorm, { x, weight, bias, out: y }, { rows: plan.parameter("rows"), width, epsilon });
 */
export class Recorder {
  readonly steps: Step[] = [];
  readonly externals = new Map<string, ElementType>();
  readonly parameters: string[] = [];
  readonly #places = new Map<string, number>();
  #temporaries = 0;

  /** Memory that is named when the plan is submitted; kernels may read and write it. */
  external(name: string, type: ElementType, shape: readonly number[]): Value {
    if (this.externals.has(name)) throw new ArgumentError("name", "a name that no other external value has", name);
    this.externals.set(name, type);
    return contiguous(type, shape, { kind: "external", name, elements: count(shape) });
  }

  /** Memory that is fixed now, such as a weight. */
  constant(buffer: DeviceBuffer, type: ElementType, shape: readonly number[], elementOffset = 0): Value {
    const elements = count(shape);
    if ((elementOffset + elements) * 4 > buffer.bytes) {
      throw new ArgumentError("buffer", `at least ${(elementOffset + elements) * 4} bytes`, buffer.bytes);
    }
    return contiguous(type, shape, { kind: "constant", buffer, elements: buffer.bytes / 4 }, elementOffset);
  }

  /** Memory that lives from the first step that writes it to the last that reads it. */
  temporary(type: ElementType, shape: readonly number[]): Value {
    return contiguous(type, shape, { kind: "temporary", id: this.#temporaries++, elements: count(shape) });
  }

  /** A number that `submit` is given by name. */
  parameter(name: string): Parameter {
    if (!this.#places.has(name)) this.#places.set(name, this.parameters.push(name) - 1);
    return { parameter: name };
  }

  /** The place of a parameter among all of them; −1 for one that is none. */
  placeOf(name: string | undefined): number {
    return name === undefined ? -1 : (this.#places.get(name) ?? -1);
  }

  /** The buffers of all constants that steps are given, each once. */
  get constants(): DeviceBuffer[] {
    const roots = this.steps.flatMap(({ operands }) => operands.map((value) => value?.root));
    return [...new Set(roots.flatMap((root) => (root?.kind === "constant" ? [root.buffer] : [])))];
  }

  record<Operand extends string, P extends string, Option extends string>(
    kernel: Kernel<Operand, P, Option>,
    operands: Readonly<Partial<Record<Operand, Value>>>,
    parameters: Readonly<Record<P, number | Parameter>>,
    ...[options]: [Option] extends [never] ? [] : [options: Readonly<Record<Option, number>>]
  ): void {
    checkNames("operands", Object.keys(operands), Object.keys(kernel.operands), kernel.name);
    checkNames("parameters", Object.keys(parameters), Object.keys(kernel.parameters), kernel.name);
    const entries = Object.entries<Kernel["operands"][string]>(kernel.operands);
    this.steps.push({
      kernel: kernel as Kernel,
      operands: entries.map(([name, description]) => {
        const value = operands[name as Operand];
        if (value) return checkType(kernel.name, name, description.type, value);
        if (!description.optional) throw new ArgumentError(`${kernel.name}.${name}`, "a value", value);
        return null;
      }),
      parameters: Object.keys(kernel.parameters).map((name) => parameters[name as P]),
      options: (kernel.options ?? []).map((name) => (options as Record<Option, number>)[name]),
    });
  }
}

/** The rows start … start + count − 1 of a value: a window onto the same memory. */
export function rowsOf(value: Value, start: number | Parameter, count: number): Value {
  return { ...value, shape: [count, ...value.shape.slice(1)], offset: shift(value.offset, start, value.strides[0]!) };
}

/** The columns start … start + count − 1 of a matrix: a window onto the same memory. */
export function columnsOf(value: Value, start: number, count: number): Value {
  const last = value.shape.length - 1;
  return { ...value, shape: value.shape.with(last, count), offset: shift(value.offset, start, value.strides[last]!) };
}

function shift(offset: Offset, start: number | Parameter, stride: number): Offset {
  if (typeof start === "number") return { ...offset, constant: offset.constant + start * stride };
  if (offset.parameter)
    throw new ArgumentError("start", "a number, as the window already starts at a parameter", start.parameter);
  return { ...offset, parameter: start.parameter, factor: stride };
}

function contiguous(type: ElementType, shape: readonly number[], root: Root, constant = 0): Value {
  const strides = shape.map((_, dimension) => count(shape.slice(dimension + 1)));
  return { type, shape, strides, offset: { constant }, root };
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function checkNames(what: string, given: string[], known: string[], kernel: string): void {
  const stranger = given.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new ArgumentError(what, `only ${known.join(", ")} for ${kernel}`, stranger);
}

function checkType(kernel: string, name: string, type: ElementType, value: Value): Value {
  if (value.type !== type) throw new ArgumentError(`${kernel}.${name}`, `${type} elements`, value.type);
  return value;
}
