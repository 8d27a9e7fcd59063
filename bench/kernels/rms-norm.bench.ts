import { rmsNormKernel } from "../../src/kernels/rms-norm.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { rmsNorm as reference } from "../../test/reference/rms-norm.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "rms-norm",
  about: "root mean square norm of x + residual; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 12 * rows * width,
  prepare(device, { rows, width }) {
    const [x, residual, weight] = [
      randomFloats(rows * width, 1),
      randomFloats(rows * width, 2),
      randomFloats(width, 3),
    ];
    const operands = {
      x: given(x, [rows, width]),
      residual: given(residual, [rows, width]),
      weight: given(weight, [width]),
      out: wanted("f32", [rows, width]),
    };
    const call = prepareCall(device, rmsNormKernel, operands, { rows, width, segments: 1, epsilon: 1e-6 });
    const some = { x: x.subarray(0, 4 * width), residual: residual.subarray(0, 4 * width), weight };
    const truth = { operand: "out", elements: rows * width, values: reference(some, 1e-6), tolerance: 1e-5 } as const;
    const setup = torchTensors({ x: [rows, width], r: [rows, width], w: [width] });
    return layerCase(call, truth, {
      plain: () => reference({ x, residual, weight }, 1e-6),
      torch: { setup, run: `F.rms_norm(x + r, (${width},), w, 1e-6)` },
    });
  },
});
