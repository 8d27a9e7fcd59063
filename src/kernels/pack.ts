import { ArgumentError } from "../core/errors.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { Recorder, type Value } from "../device/plan.js";
import { given, runOnce, wanted } from "./run-once.js";

/** How a weight lies: one row per output as in torch's Linear, one row per input as in GPT-2's Conv1D, or packed. */
export const layouts = { "columns × inner": 0, "inner × columns": 1, packed: 2 } as const;
export type Layout = keyof typeof layouts;

export const packKernel = describeKernel({
  name: "pack",
  operands: { weight: { type: "f32", access: "read" }, out: { type: "f32", access: "write" } },
  parameters: { inner: "u32", columns: "u32" },
  options: ["weightLayout"],
  groups: ({ inner, columns }) => Math.ceil(packedElements(inner, columns) / 256),
});

/** Elements of a packed weight: its columns are padded to a multiple of 32. */
export function packedElements(inner: number, columns: number): number {
  return inner * Math.ceil(columns / 32) * 32;
}

/** A weight as products on its device read it fastest: the right operand `b` of `productKernel`, with option `weightLayout`. */
export interface PreparedWeight extends Disposable {
  readonly layout: Layout;
  readonly inner: number;
  readonly columns: number;
  readonly buffer: DeviceBuffer;
  /** The weight as an operand of a plan. */
  value(recorder: Recorder): Value;
}

/**
 * Packs a weight once for products: on the native device into a copy, which disposing frees; a GPU reads it as
 * it is. The weight's own buffer stays the caller's, and must outlive this where it is not packed.
 *
 * @param elementOffset where the weight starts in `buffer`
 */
export function prepareWeight(
  device: Device,
  buffer: DeviceBuffer,
  { inner, columns, elementOffset = 0 }: { inner: number; columns: number; elementOffset?: number },
  layout: "columns × inner" | "inner × columns",
): PreparedWeight {
  const shape = layout === "columns × inner" ? [columns, inner] : [inner, columns];
  if (device.kind !== "native") {
    const value = (recorder: Recorder) => recorder.constant(buffer, "f32", shape, elementOffset);
    return { layout, inner, columns, buffer, value, [Symbol.dispose]: () => {} };
  }
  const packed = device.allocate(packedElements(inner, columns) * 4);
  const recorder = new Recorder();
  const weight = recorder.constant(buffer, "f32", shape, elementOffset);
  const out = recorder.constant(packed, "f32", [packedElements(inner, columns)]);
  recorder.record(packKernel, { weight, out }, { inner, columns }, { weightLayout: layouts[layout] });
  const plan = device.plan(recorder);
  const free = () => plan[Symbol.dispose]();
  device.submit(plan, {}).done.then(free, free); // a failure is reported by the next download
  const value = (into: Recorder) => into.constant(packed, "f32", [packedElements(inner, columns)]);
  return { layout: "packed", inner, columns, buffer: packed, value, [Symbol.dispose]: () => packed[Symbol.dispose]() };
}

/**
 * A weight in the order in which products read it: slabs of 384 inputs; in each, panels of 32 outputs; in each, one
 * row of 32 outputs per input.
 *
 * @param weight columns × inner, or inner × columns
 * @returns `packedElements(inner, columns)` values, 0 in the columns that pad the last panel
 */
export async function pack(
  device: Device,
  weight: Float32Array,
  { inner, columns, layout }: { inner: number; columns: number; layout: "columns × inner" | "inner × columns" },
): Promise<Float32Array> {
  if (weight.length !== inner * columns) {
    throw new ArgumentError("weight", `${inner} × ${columns} values`, weight.length);
  }
  const elements = packedElements(inner, columns);
  if (elements === 0) return new Float32Array(0);
  const shape = layout === "columns × inner" ? [columns, inner] : [inner, columns];
  const { out } = await runOnce(
    device,
    packKernel,
    { weight: given(weight, shape), out: wanted("f32", [elements]) },
    { inner, columns },
    { weightLayout: layouts[layout] },
  );
  return out as Float32Array;
}
