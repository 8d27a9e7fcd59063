import { describe, expect, test } from "vitest";
import { normal, random } from "../../src/core/random.js";
import type { Device } from "../../src/device/device.js";
import { columnsOf, Recorder, rowsOf } from "../../src/device/plan.js";
import { pack, packedElements, prepareWeight } from "../../src/kernels/pack.js";
import {
  type ProductOptions,
  product,
  productActivations,
  productKernel,
  productOptions,
} from "../../src/kernels/product.js";
import { devices } from "../devices.js";
import { activations, product as reference } from "../reference/product.js";

/** Normal numbers, the same for the same seed. */
function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, normal(random(seed)));
}

/** The largest difference from the definition, in units of the size of the sums. */
async function error(device: Device, rows: number, inner: number, columns: number, options: ProductOptions = {}) {
  const { transposed = false, layout = "columns × inner", activation = "none" } = options;
  const a = numbers(rows * inner, 1);
  const plain = numbers(inner * columns, 2);
  const bias = numbers(columns, 3);
  const residual = numbers(rows * columns, 4);
  const b = layout === "packed" ? await pack(device, plain, { inner, columns, layout: "columns × inner" }) : plain;
  const got = await product(device, { ...options, rows, inner, columns, a, b, bias, residual });
  const truth = reference(
    rows,
    inner,
    columns,
    (i, k) => a[transposed ? k * rows + i : i * inner + k]!,
    (k, j) => plain[layout === "inner × columns" ? k * columns + j : j * inner + k]!,
  );
  const errors = got.map((value, at) => {
    const wanted = activations[activation](truth[at]! + bias[at % columns]!) + residual[at]!;
    return Math.abs(value - wanted) / Math.sqrt(inner + 1);
  });
  return errors.reduce((most, value) => Math.max(most, value), 0);
}

describe.each(devices)("product on %s", (_, open) => {
  test("multiplies two matrices that fit in the head", async () => {
    await using device = await open();
    const a = Float32Array.of(1, 2, 3, 4);
    const b = Float32Array.of(5, 6, 7, 8);
    const got = await product(device, { rows: 2, inner: 2, columns: 2, a, b });
    expect([...got]).toEqual([17, 23, 39, 53]);
    const conv = await product(device, { rows: 2, inner: 2, columns: 2, a, b, layout: "inner × columns" });
    expect([...conv]).toEqual([19, 22, 43, 50]);
    const gram = await product(device, { rows: 2, inner: 2, columns: 2, a, b, transposed: true });
    expect([...gram]).toEqual([23, 31, 34, 46]);
  });

  test("is the activation of the bias plus the residual where there is nothing to sum", async () => {
    await using device = await open();
    const empty = new Float32Array(0);
    const bias = Float32Array.of(-1, 2);
    const residual = Float32Array.of(10, 20);
    const input = { rows: 1, inner: 0, columns: 2, a: empty, b: empty, bias, residual, activation: "relu" } as const;
    expect([...(await product(device, input))]).toEqual([10, 22]);
    expect(await product(device, { rows: 0, inner: 3, columns: 2, a: empty, b: new Float32Array(6) })).toEqual(empty);
  });

  // float32 sums of n products of normal numbers differ by about 3e-7 · √n from the true ones.
  test.each([
    [1, 1, 1],
    [1, 17, 300],
    [13, 31, 33],
    [33, 385, 65],
    [129, 19, 131],
  ])("matches the definition for %i × %i × %i however the operands lie", async (rows, inner, columns) => {
    await using device = await open();
    for (const transposed of [false, true]) {
      for (const layout of ["columns × inner", "inner × columns", "packed"] as const) {
        expect(await error(device, rows, inner, columns, { transposed, layout })).toBeLessThan(5e-6);
      }
    }
  });

  test("matches the definition where many workgroups and blocks share the work", async () => {
    await using device = await open();
    expect(await error(device, 1030, 3, 1031)).toBeLessThan(5e-6);
    expect(await error(device, 523, 70, 40, { layout: "inner × columns" })).toBeLessThan(5e-6);
  });

  test.each(productActivations)("applies %s, accurate relatively in both tails", async (activation) => {
    await using device = await open();
    const a = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 160);
    const got = await product(device, { rows: 4001, inner: 1, columns: 1, a, b: Float32Array.of(1), activation });
    const errors = got.map((value, i) => {
      const truth = activations[activation](a[i]!);
      return Math.abs(value - truth) / (Math.abs(truth) + 1e-20);
    });
    // The exponent of the tanh form reaches 46 and is rounded; WGSL lets exp(x) be wrong by 3 + 2|x| units in the last place.
    const native = activation === "gelu-tanh" ? 1e-5 : 1e-6;
    expect(Math.max(...errors)).toBeLessThan(device.kind === "native" ? native : 3e-5);
  });

  test("gives a row the same sums however many rows stand beside it", async () => {
    await using device = await open();
    const a = numbers(40 * 500, 5);
    const b = numbers(50 * 500, 6);
    const all = await product(device, { rows: 40, inner: 500, columns: 50, a, b });
    const one = await product(device, { rows: 1, inner: 500, columns: 50, a: a.slice(37 * 500, 38 * 500), b });
    expect(one).toEqual(all.slice(37 * 50, 38 * 50));
  });

  test("reads and writes windows of wider matrices, with a prepared weight and a number of rows per submit", async () => {
    await using device = await open();
    const weight = numbers(5 * 3, 7);
    const x = numbers(6 * 8, 8);
    using held = device.upload(weight);
    using prepared = prepareWeight(device, held, { inner: 3, columns: 5 }, "columns × inner");
    const recorder = new Recorder();
    const wide = recorder.external("x", "f32", [6, 8]);
    const out = recorder.external("out", "f32", [6, 9]);
    recorder.record(
      productKernel,
      { a: columnsOf(rowsOf(wide, 1, 5), 2, 3), b: prepared.value(recorder), out: columnsOf(out, 4, 5) },
      { rows: recorder.parameter("rows"), inner: 3, columns: 5 },
      productOptions({ layout: prepared.layout }),
    );
    using plan = device.plan(recorder);
    using source = device.upload(x);
    using result = device.upload(new Float32Array(6 * 9).fill(-1));
    device.submit(plan, { buffers: { x: source, out: result }, parameters: { rows: 2 } });
    const got = await device.download(result, new Float32Array(6 * 9));
    const truth = reference(
      2,
      3,
      5,
      (i, k) => x[(i + 1) * 8 + 2 + k]!,
      (k, j) => weight[j * 3 + k]!,
    );
    got.forEach((value, at) => {
      const [row, column] = [Math.floor(at / 9), at % 9];
      const wanted = row < 2 && column >= 4 ? truth[row * 5 + column - 4]! : -1;
      expect(value).toBeCloseTo(wanted, 5);
    });
  });

  test("refuses operands of the wrong size, unknown activations and unknown layouts", async () => {
    await using device = await open();
    const two = new Float32Array(2);
    const call = (change: object) => product(device, { rows: 1, inner: 2, columns: 1, a: two, b: two, ...change });
    await expect(call({ rows: 2 })).rejects.toThrow("Expected 4 values for a but received 2");
    await expect(call({ columns: 2 })).rejects.toThrow("Expected 4 values for b but received 2");
    await expect(call({ layout: "packed" })).rejects.toThrow("Expected 64 values for b but received 2");
    await expect(call({ bias: two })).rejects.toThrow("Expected 1 values for bias but received 2");
    await expect(call({ residual: two })).rejects.toThrow("Expected 1 values for residual but received 2");
    await expect(call({ activation: "swish" })).rejects.toThrow(
      'Expected one of none, gelu, gelu-tanh, silu, relu for activation but received "swish"',
    );
    await expect(call({ layout: "rows" })).rejects.toThrow(
      'Expected one of columns × inner, inner × columns, packed for layout but received "rows"',
    );
  });
});

test("a product needs whole panels of 32 columns for a packed weight", () => {
  expect(packedElements(3, 33)).toBe(3 * 64);
});
