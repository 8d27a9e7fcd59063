import { layerNormKernel } from "../../src/kernels/layer-norm.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { layerNorm as reference } from "../../test/reference/layer-norm.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "layer-norm",
  about: "layer norm of x + residual with weight and bias; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 12 * rows * width,
  prepare(device, { rows, width }) {
    const [x, residual] = [randomFloats(rows * width, 1), randomFloats(rows * width, 2)];
    const [weight, bias] = [randomFloats(width, 3), randomFloats(width, 4)];
    const operands = {
      x: given(x, [rows, width]),
      residual: given(residual, [rows, width]),
      weight: given(weight, [width]),
      bias: given(bias, [width]),
      out: wanted("f32", [rows, width]),
    };
    const call = prepareCall(device, layerNormKernel, operands, { rows, width, epsilon: 1e-5 });
    const some = { x: x.subarray(0, 4 * width), residual: residual.subarray(0, 4 * width), weight, bias };
    const truth = { operand: "out", elements: rows * width, values: reference(some, 1e-5), tolerance: 1e-5 } as const;
    const setup = torchTensors({ x: [rows, width], r: [rows, width], w: [width], b: [width] });
    return layerCase(call, truth, {
      plain: () => reference({ x, residual, weight, bias }, 1e-5),
      torch: { setup, run: `F.layer_norm(x + r, (${width},), w, b)` },
    });
  },
});
