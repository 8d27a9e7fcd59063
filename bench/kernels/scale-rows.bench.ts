import { given } from "../../src/kernels/run-once.js";
import { scaleRowsKernel } from "../../src/kernels/scale-rows.js";
import { randomFloats } from "../../test/floats.js";
import { scaleRows as reference } from "../../test/reference/scale-rows.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "scale-rows",
  about: "rows times a number each, in place; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 3072", rows: 128, width: 3072 },
    { label: "1024 × 3072", rows: 1024, width: 3072 },
    { label: "4096 × 3072", rows: 4096, width: 3072 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1);
    const scale = new Float32Array(rows).fill(1); // each call scales what the one before left
    const operands = { scale: given(scale, [rows, 1]), out: given(x, [rows, width]) };
    const call = prepareCall(device, scaleRowsKernel, operands, { rows, width, sourceRows: 0 });
    const values = reference({ x: x.subarray(0, 2 * width), width, scale: scale.subarray(0, 2) });
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: [rows, width] });
    return layerCase(call, truth, { torch: { setup, run: `x.mul_(torch.ones(${rows}, 1))` } });
  },
});
