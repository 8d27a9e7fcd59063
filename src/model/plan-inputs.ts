import type { Recorder, Value } from "../device/plan.js";

/** One array of whole numbers that a plan is given with every batch. */
interface Field {
  readonly offset: number;
  readonly capacity: number;
}

/** On a GPU a window starts on 256 bytes. */
const alignment = 64;

/**
 * The whole numbers that a plan is given with every batch (ids, positions, offsets, tables), side by
 * side in one buffer, so that one write brings them all.
 */
export class PlanInputs {
  readonly #fields = new Map<string, Field>();
  /** Of the whole buffer. */
  readonly elements: number;

  /** @param capacities the most elements that each field may have */
  constructor(capacities: Readonly<Record<string, number>>) {
    let offset = 0;
    for (const [name, capacity] of Object.entries(capacities)) {
      this.#fields.set(name, { offset, capacity });
      offset += Math.ceil(Math.max(1, capacity) / alignment) * alignment;
    }
    this.elements = offset;
  }

  get names(): string[] {
    return [...this.#fields.keys()];
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** The field that an element of the buffer belongs to. */
  fieldAt(element: number): string {
    const [name] = [...this.#fields].findLast(([, { offset }]) => offset <= element)!;
    return name;
  }

  /** Where a field lies: its first element, and the one behind its last. */
  rangeOf(name: string): readonly [first: number, end: number] {
    const { offset, capacity } = this.#fields.get(name)!;
    return [offset, offset + capacity];
  }

  /** The buffer of a recording: ask once, and then for windows onto it. */
  external(recorder: Recorder): Value {
    return recorder.external("inputs", "u32", [this.elements]);
  }

  /** A field as an operand. @param shape its elements as a matrix; one dimension where left out */
  window(external: Value, name: string, shape?: readonly [rows: number, columns: number]): Value {
    const { offset, capacity } = this.#fields.get(name)!;
    const place = { ...external, offset: { constant: offset } };
    if (!shape) return { ...place, shape: [capacity], strides: [1] };
    return { ...place, shape, strides: [shape[1], 1] };
  }

  /** All fields for one batch; what a field does not fill is 0. */
  fill(values: Readonly<Record<string, ArrayLike<number>>>): Uint32Array {
    const all = new Uint32Array(this.elements);
    for (const [name, given] of Object.entries(values)) all.set(given, this.#fields.get(name)!.offset);
    return all;
  }
}
