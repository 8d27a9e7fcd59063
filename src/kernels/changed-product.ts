import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { type Layout, layouts, packedElements } from "./pack.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * The product of rows that differ in a few columns from rows whose product is known:
 *
 *     out[i] = known[r] + Σ_k (a[i, k] − before[r, k]) · b[k],  r = index[i]
 *
 * over the columns k in which a[i] and before[r] differ by a bit, in order of k; `shares` receives the two numbers
 * 1 and Σ_k (a[i, k] − before[r, k]) where it is given: what a row has of known[r], and of b[k] where one column differs. At most `changed` columns of a row may differ; more are an error on native.
 * Numbers past the `sourceRows` rows of `before` are one too, and give zeros on a GPU. Option `weightLayout`: how b lies, as
 * in a product.
 */
export const changedProductKernel = describeKernel({
  name: "changed-product",
  operands: {
    a: { type: "f32", access: "read" },
    before: { type: "f32", access: "read" },
    known: { type: "f32", access: "read" },
    index: { type: "u32", access: "read" },
    b: { type: "f32", access: "read" },
    out: { type: "f32", access: "write" },
    shares: { type: "f32", access: "write", optional: true },
  },
  parameters: { rows: "u32", inner: "u32", columns: "u32", sourceRows: "u32", changed: "u32" },
  options: ["weightLayout"],
  groups: ({ rows }) => rows,
  axes: ({ weightLayout }) => ({
    rows: { a: 0, index: 0, out: 0, shares: 0 },
    sourceRows: { before: 0, known: 0 },
    ...(weightLayout !== layouts.packed && { columns: { known: 1, b: weightLayout, out: 1 } }),
  }),
  whole: ["sourceRows"],
});

/** One call, its data on the host. */
export interface ChangedProductInput {
  readonly inner: number;
  readonly columns: number;
  /** index.length × inner values. */
  readonly a: Float32Array;
  /** Rows of `inner` values. */
  readonly before: Float32Array;
  /** As many rows of `columns` values. */
  readonly known: Float32Array;
  /** The row of `before` that each row of `a` is compared with. */
  readonly index: Uint32Array;
  /** columns × inner values, or as `layout` says. */
  readonly b: Float32Array;
  readonly layout?: Layout;
}

/** Products of changed rows. @returns index.length × columns values @throws ArgumentError for operands of other sizes */
export async function changedProduct(device: Device, input: ChangedProductInput): Promise<Float32Array> {
  const { inner, columns, a, before, known, index, b, layout = "columns × inner" } = input;
  if (!(layout in layouts)) throw new ArgumentError("layout", `one of ${Object.keys(layouts).join(", ")}`, layout);
  const [rows, sourceRows] = [index.length, inner === 0 ? 0 : before.length / inner];
  const stranger = index.find((row) => row >= sourceRows);
  if (stranger !== undefined) throw new ArgumentError("index", `rows below ${sourceRows}`, stranger);
  const weights = layout === "packed" ? packedElements(inner, columns) : inner * columns;
  if (b.length !== weights) throw new ArgumentError("b", `${weights} values`, b.length);
  if (rows * columns === 0) return new Float32Array(0);
  const shape = { packed: [weights], "columns × inner": [columns, inner], "inner × columns": [inner, columns] }[layout];
  const { out } = await runOnce(
    device,
    changedProductKernel,
    {
      a: given(a, [rows, inner], "a"),
      before: given(before, [sourceRows, inner], "before"),
      known: given(known, [sourceRows, columns], "known"),
      index: given(index, [rows]),
      b: given(b, shape),
      out: wanted("f32", [rows, columns]),
    },
    { rows, inner, columns, sourceRows, changed: inner },
    { weightLayout: layouts[layout] },
  );
  return out as Float32Array;
}
