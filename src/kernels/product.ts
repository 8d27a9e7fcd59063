import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { type Axes, describeKernel } from "../device/kernel.js";
import { type Layout, layouts, packedElements } from "./pack.js";
import { given, runOnce, wanted } from "./run-once.js";

/** Nonlinearities that a product can apply to its sums, in the order of their numbers. */
export const productActivations = ["none", "gelu", "gelu-tanh", "silu", "relu"] as const;
export type ProductActivation = (typeof productActivations)[number];

type Operand = "a" | "b" | "bias" | "residual" | "out";
type Parameter = "rows" | "inner" | "columns";

/**
 * out[rows × columns] = activation(a · b + bias) + residual, with a: rows × inner (option `transposed`: inner × rows)
 * and b as option `weightLayout` says. Rows of a, b (unless packed), residual and out may be strided. On the native
 * device residual may be the same memory as out.
 */
export const productKernel = describeKernel({
  name: "product",
  operands: {
    a: { type: "f32", access: "read" },
    b: { type: "f32", access: "read" },
    bias: { type: "f32", access: "read", optional: true },
    residual: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: { rows: "u32", inner: "u32", columns: "u32" },
  options: ["transposed", "weightLayout", "activation"],
  groups: ({ rows, columns }) => Math.ceil(rows / 128) * Math.ceil(columns / 128),
  axes: productAxes,
});

function productAxes({
  transposed,
  weightLayout,
}: {
  transposed: number;
  weightLayout: number;
}): Axes<Operand, Parameter> {
  const rows = { a: transposed, residual: 0, out: 0 };
  if (weightLayout === layouts.packed) return { rows };
  return { rows, columns: { b: weightLayout, bias: 0, residual: 1, out: 1 } };
}

/** How the operands of a product lie and what happens to its sums. */
export interface ProductOptions {
  /** `a` is inner × rows. */
  readonly transposed?: boolean;
  readonly layout?: Layout;
  readonly activation?: ProductActivation;
}

/** The numbers that `productKernel` is recorded with; `b` as in torch's Linear, and no activation, where nothing is said. */
export function productOptions({
  transposed = false,
  layout = "columns × inner",
  activation = "none",
}: ProductOptions = {}): { transposed: number; weightLayout: number; activation: number } {
  const number = productActivations.indexOf(activation);
  if (number < 0) throw new ArgumentError("activation", `one of ${productActivations.join(", ")}`, activation);
  if (!(layout in layouts)) throw new ArgumentError("layout", `one of ${Object.keys(layouts).join(", ")}`, layout);
  return { transposed: transposed ? 1 : 0, weightLayout: layouts[layout], activation: number };
}

/** One product, its data on the host. */
export interface ProductInput extends ProductOptions {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** rows × inner values (inner × rows where `transposed`). */
  readonly a: Float32Array;
  /** columns × inner values, or as `layout` says. */
  readonly b: Float32Array;
  /** One value per column, added before the activation. */
  readonly bias?: Float32Array;
  /** rows × columns values, added after the activation. */
  readonly residual?: Float32Array;
}

/**
 * activation(a · b + bias) + residual.
 *
 * @returns rows × columns float32 values, summed in float32 in order of k; where inner is 0, the sums are 0
 * @throws ArgumentError if an operand has not the size that rows, inner and columns say
 */
export async function product(device: Device, input: ProductInput): Promise<Float32Array> {
  const { rows, inner, columns, a, b, bias, residual, transposed = false, layout = "columns × inner" } = input;
  const options = productOptions(input);
  checkSize("a", a, rows * inner);
  checkSize("b", b, layout === "packed" ? packedElements(inner, columns) : inner * columns);
  if (bias) checkSize("bias", bias, columns);
  if (residual) checkSize("residual", residual, rows * columns);
  if (rows * columns === 0) return new Float32Array(0);
  const { out } = await runOnce(
    device,
    productKernel,
    {
      a: given(a, transposed ? [inner, rows] : [rows, inner]),
      b: given(b, shapeOf(layout, inner, columns)),
      ...(bias && { bias: given(bias, [columns]) }),
      ...(residual && { residual: given(residual, [rows, columns]) }),
      out: wanted("f32", [rows, columns]),
    },
    { rows, inner, columns },
    options,
  );
  return out as Float32Array;
}

function shapeOf(layout: Layout, inner: number, columns: number): number[] {
  if (layout === "packed") return [packedElements(inner, columns)];
  return layout === "columns × inner" ? [columns, inner] : [inner, columns];
}

function checkSize(name: string, data: Float32Array, expected: number): void {
  if (data.length !== expected) throw new ArgumentError(name, `${expected} values`, data.length);
}
