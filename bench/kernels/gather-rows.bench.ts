import { gatherRowsKernel } from "../../src/kernels/gather-rows.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { gatherRows as reference } from "../../test/reference/gather-rows.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "gather-rows",
  about: "rows in a random order; bytes read and written once",
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
    const index = randomIntegers(rows, rows, 2);
    const operands = { x: given(x, [rows, width]), index: given(index, [rows]), out: wanted("f32", [rows, width]) };
    const call = prepareCall(device, gatherRowsKernel, operands, { rows, width, sourceRows: rows });
    const values = reference(x, width, index.subarray(0, 8));
    const truth = { operand: "out", elements: rows * width, values, tolerance: 0 } as const;
    const setup = `${torchTensors({ x: [rows, width] })}\ni = torch.randint(${rows}, (${rows},))`;
    return layerCase(call, truth, {
      plain: () => reference(x, width, index),
      torch: { setup, run: "torch.index_select(x, 0, i)" },
    });
  },
});
