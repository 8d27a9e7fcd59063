import { activationKernel, activationKinds } from "../../src/kernels/activation.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { activation as reference } from "../../test/reference/activation.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "activation",
  about: "exact GELU, element by element; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 3072", rows: 128, width: 3072 },
    { label: "1024 × 3072", rows: 1024, width: 3072 },
    { label: "8192 × 3072", rows: 8192, width: 3072 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1, 2);
    const operands = { x: given(x, [rows, width]), out: wanted("f32", [rows, width]) };
    const kind = activationKinds.indexOf("gelu");
    const call = prepareCall(device, activationKernel, operands, { rows, width }, { kind });
    const values = reference("gelu", x.subarray(0, 1000));
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: [rows, width] });
    return layerCase(call, truth, {
      ...(rows === 128 && { plain: () => reference("gelu", x) }),
      torch: { setup, run: "F.gelu(x)" },
    });
  },
});
