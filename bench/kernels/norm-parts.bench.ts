import { normPartsKernel } from "../../src/kernels/norm-parts.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { normParts as reference } from "../../test/reference/norm-parts.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const width = 768;

await benchmark({
  name: "norm-parts",
  about: "what is linear in a layer norm of 768 columns; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "256 × 768", rows: 256 },
    { label: "1024 × 768", rows: 1024 },
    { label: "4096 × 768", rows: 4096 },
  ],
  work: ({ rows }) => 8 * rows * width,
  prepare(device, { rows }) {
    const [x, weight] = [randomFloats(rows * width, 1), randomFloats(width, 2)];
    const operands = { x: given(x, [rows, width]), weight: given(weight, [width]), out: wanted("f32", [rows, width]) };
    const call = prepareCall(device, normPartsKernel, operands, { rows, width }, { centred: 1 });
    const values = reference(x.subarray(0, 8 * width), weight, "layer");
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-5 } as const;
    const setup = torchTensors({ x: [rows, width], w: [width] });
    return layerCase(call, truth, { torch: { setup, run: "(x - x.mean(1, keepdim=True)) * w" } });
  },
});
