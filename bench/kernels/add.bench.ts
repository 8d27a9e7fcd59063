import { addKernel } from "../../src/kernels/add.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { add as reference } from "../../test/reference/add.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "add",
  about: "x + scale · y; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 12 * rows * width,
  prepare(device, { rows, width }) {
    const [x, y] = [randomFloats(rows * width, 1), randomFloats(rows * width, 2)];
    const shape = [rows, width];
    const operands = { x: given(x, shape), y: given(y, shape), out: wanted("f32", shape) };
    const call = prepareCall(device, addKernel, operands, { rows, width, scale: 0.5 });
    const values = reference(x.subarray(0, 1000), y.subarray(0, 1000), 0.5);
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: shape, y: shape });
    return layerCase(call, truth, {
      plain: () => reference(x, y, 0.5),
      torch: { setup, run: "torch.add(x, y, alpha=0.5)" },
    });
  },
});
