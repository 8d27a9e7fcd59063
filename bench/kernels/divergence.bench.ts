import { divergenceKernel } from "../../src/kernels/divergence.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { divergence as reference } from "../../test/reference/divergence.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const width = 50_257;

await benchmark({
  name: "divergence",
  about: "divergence of pairs of rows of 50,257 logits; bytes read once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "16 × 50257", rows: 16 },
    { label: "64 × 50257", rows: 64 },
    { label: "256 × 50257", rows: 256 },
  ],
  work: ({ rows }) => 8 * rows * width,
  prepare(device, { rows }) {
    const [before, after] = [randomFloats(rows * width, 1, 2), randomFloats(rows * width, 2, 2)];
    const operands = {
      before: given(before, [rows, width]),
      after: given(after, [rows, width]),
      out: wanted("f32", [rows]),
    };
    const call = prepareCall(device, divergenceKernel, operands, { rows, width, sourceRows: rows });
    const values = reference(before.subarray(0, 4 * width), after.subarray(0, 4 * width), width);
    const truth = { operand: "out", elements: rows, values, tolerance: 1e-4 } as const;
    const setup = torchTensors({ x: [rows, width], y: [rows, width] });
    return layerCase(call, truth, {
      ...(rows === 16 && { plain: () => reference(before, after, width) }),
      torch: { setup, run: "F.kl_div(y.log_softmax(1), x.log_softmax(1), reduction='none', log_target=True).sum(1)" },
    });
  },
});
