import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { type Layout, layouts, packedElements } from "./pack.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * What some inputs of a product write to its outputs: out[i] = b[index[i]], a row of inner × columns weights however they
 * lie (option `weightLayout`). Inputs past the end are an error on native and give zeros on a GPU.
 */
export const weightRowsKernel = describeKernel({
  name: "weight-rows",
  operands: {
    b: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", inner: "u32", columns: "u32" },
  options: ["weightLayout"],
  groups: ({ rows, columns }) => Math.ceil((rows * columns) / 256),
  axes: ({ weightLayout }) => ({
    rows: { index: 0, out: 0 },
    ...(weightLayout !== layouts.packed && { columns: { b: weightLayout, out: 1 } }),
  }),
});

/** Where weights lie: as a product's. */
export interface WeightRowsInput {
  readonly inner: number;
  readonly columns: number;
  /** columns × inner values, or as `layout` says. */
  readonly b: Float32Array;
  readonly layout?: Layout;
  readonly index: Uint32Array;
}

/** Rows of weights by number. @returns index.length × columns values @throws ArgumentError for an input that is not there */
export async function weightRows(device: Device, input: WeightRowsInput): Promise<Float32Array> {
  const { inner, columns, b, index, layout = "columns × inner" } = input;
  if (!(layout in layouts)) throw new ArgumentError("layout", `one of ${Object.keys(layouts).join(", ")}`, layout);
  const stranger = index.find((k) => k >= inner);
  if (stranger !== undefined) throw new ArgumentError("index", `numbers below ${inner}`, stranger);
  const weights = layout === "packed" ? packedElements(inner, columns) : inner * columns;
  const shape = { packed: [weights], "columns × inner": [columns, inner], "inner × columns": [inner, columns] }[layout];
  const { out } = await runOnce(
    device,
    weightRowsKernel,
    {
      b: given(b, shape, "b"),
      index: given(index, [index.length]),
      out: wanted("f32", [index.length, columns]),
    },
    { rows: index.length, inner, columns },
    { weightLayout: layouts[layout] },
  );
  return out as Float32Array;
}
