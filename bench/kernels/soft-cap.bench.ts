import { given, wanted } from "../../src/kernels/run-once.js";
import { softCapKernel } from "../../src/kernels/soft-cap.js";
import { randomFloats } from "../../test/floats.js";
import { softCap as reference } from "../../test/reference/soft-cap.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "soft-cap",
  about: "30 · tanh(x / 30); bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "16 × 32000", rows: 16, width: 32_000 },
    { label: "64 × 32000", rows: 64, width: 32_000 },
    { label: "256 × 32000", rows: 256, width: 32_000 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1, 20);
    const operands = { x: given(x, [rows, width]), out: wanted("f32", [rows, width]) };
    const call = prepareCall(device, softCapKernel, operands, { rows, width, cap: 30 });
    const values = reference(x.subarray(0, 1000), 30);
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-4 } as const;
    return layerCase(call, truth, {
      ...(rows === 16 && { plain: () => reference(x, 30) }),
      torch: { setup: torchTensors({ x: [rows, width] }), run: "torch.tanh(x / 30) * 30" },
    });
  },
});
