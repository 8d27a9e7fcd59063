import { permutation, random } from "../../src/core/random.js";
import { given } from "../../src/kernels/run-once.js";
import { scatterRowsKernel } from "../../src/kernels/scatter-rows.js";
import { randomFloats } from "../../test/floats.js";
import { scatterRows as reference } from "../../test/reference/scatter-rows.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "scatter-rows",
  about: "rows to places in a random order; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1);
    const out = new Float32Array(rows * width);
    const index = permutation(rows, random(2));
    const operands = { x: given(x, [rows, width]), index: given(index, [rows]), out: given(out, [rows, width]) };
    const call = prepareCall(device, scatterRowsKernel, operands, { rows, width, targetRows: rows });
    const values = reference({ x, index, out, width });
    const truth = { operand: "out", elements: rows * width, values, tolerance: 0 } as const;
    const setup = `${torchTensors({ x: [rows, width] })}\ny = torch.empty_like(x)\ni = torch.randperm(${rows})`;
    return layerCase(call, truth, {
      plain: () => reference({ x, index, out, width }),
      torch: { setup, run: "y.index_copy_(0, i, x)" },
    });
  },
});
