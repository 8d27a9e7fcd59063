import { layouts, pack, packedElements } from "../../src/kernels/pack.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { weightRowsKernel } from "../../src/kernels/weight-rows.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { weightRows as reference } from "../../test/reference/weight-rows.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [inner, columns] = [3072, 768];

await benchmark({
  name: "weight-rows",
  about:
    "what random neurons of GPT-2 small's MLP write to the residual stream, of a packed weight; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "64 of 3072", rows: 64 },
    { label: "256 of 3072", rows: 256 },
    { label: "1024 of 3072", rows: 1024 },
  ],
  work: ({ rows }) => 8 * rows * columns,
  async prepare(device, { rows }) {
    const weight = randomFloats(inner * columns, 1);
    const index = randomIntegers(rows, inner, 2);
    const packed = await pack(device, weight, { inner, columns, layout: "columns × inner" });
    const operands = {
      b: given(packed, [packedElements(inner, columns)]),
      index: given(index, [rows]),
      out: wanted("f32", [rows, columns]),
    };
    const call = prepareCall(device, weightRowsKernel, operands, { rows, inner, columns }, { weightLayout: layouts.packed }); // biome-ignore format: one line
    const values = reference(index.subarray(0, 4), columns, (k, column) => weight[column * inner + k]!);
    const truth = { operand: "out", elements: rows * columns, values, tolerance: 0 } as const;
    const setup = `${torchTensors({ w: [inner, columns] })}\ni = torch.randint(${inner}, (${rows},))`;
    return layerCase(call, truth, { torch: { setup, run: "torch.index_select(w, 0, i)" } });
  },
});
