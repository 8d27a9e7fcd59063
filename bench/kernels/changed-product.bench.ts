import { changedProductKernel } from "../../src/kernels/changed-product.js";
import { layouts, pack, packedElements } from "../../src/kernels/pack.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { changedProduct as reference } from "../../test/reference/changed-product.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [inner, columns, sourceRows] = [3072, 768, 16];

await benchmark({
  name: "changed-product",
  about:
    "the down-projection of GPT-2 small's MLP for copies of 16 rows with a neuron of their own set to zero; bytes that must be read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [256, 1024, 4096].map((rows) => ({ label: `${rows} × 3072 × 768`, rows })) as [
    { label: string; rows: number },
    { label: string; rows: number },
    { label: string; rows: number },
  ],
  work: ({ rows }) => 4 * rows * (inner + columns),
  async prepare(device, { rows }) {
    const before = randomFloats(sourceRows * inner, 1);
    const known = randomFloats(sourceRows * columns, 2);
    const weight = randomFloats(inner * columns, 3);
    const index = Uint32Array.from({ length: rows }, (_, row) => row % sourceRows);
    const a = new Float32Array(rows * inner);
    index.forEach((r, row) => {
      a.set(before.subarray(r * inner, (r + 1) * inner), row * inner);
      a[row * inner + Math.floor(row / sourceRows)] = 0;
    });
    const operands = {
      a: given(a, [rows, inner]),
      before: given(before, [sourceRows, inner]),
      known: given(known, [sourceRows, columns]),
      index: given(index, [rows]),
      b: given(await pack(device, weight, { inner, columns, layout: "columns × inner" }), [
        packedElements(inner, columns),
      ]),
      out: wanted("f32", [rows, columns]),
    };
    const sizes = { rows, inner, columns, sourceRows, changed: 1 };
    const call = prepareCall(device, changedProductKernel, operands, sizes, { weightLayout: layouts.packed });
    const few = { inner, columns, a: a.subarray(0, 2 * inner), before, known, index: index.subarray(0, 2) };
    const values = reference(few, (k, j) => weight[j * inner + k]!);
    const truth = { operand: "out", elements: rows * columns, values, tolerance: 1e-5 } as const;
    const setup = torchTensors({ a: [rows, inner], w: [columns, inner], r: [rows, columns] });
    return layerCase(call, truth, { torch: { setup, run: "torch.addmm(r, a, w.T)" } });
  },
});
