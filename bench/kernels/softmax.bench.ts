import { given, wanted } from "../../src/kernels/run-once.js";
import { softmaxKernel } from "../../src/kernels/softmax.js";
import { randomFloats } from "../../test/floats.js";
import { softmax as reference } from "../../test/reference/softmax.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "softmax",
  about: "softmax along rows; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "512 × 128", rows: 512, width: 128 },
    { label: "4096 × 512", rows: 4096, width: 512 },
    { label: "256 × 50257", rows: 256, width: 50_257 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1, 2);
    const operands = { x: given(x, [rows, width]), out: wanted("f32", [rows, width]) };
    const call = prepareCall(device, softmaxKernel, operands, { rows, width, scale: 1 });
    const values = reference(x.subarray(0, width), width);
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: [rows, width] });
    return layerCase(call, truth, {
      ...(rows === 512 && { plain: () => reference(x, width) }),
      torch: { setup, run: "torch.softmax(x, 1)" },
    });
  },
});
