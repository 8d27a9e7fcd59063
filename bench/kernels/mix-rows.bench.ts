import { mixRowsKernel } from "../../src/kernels/mix-rows.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { mixRows as reference } from "../../test/reference/mix-rows.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const sourceRows = 48;

await benchmark({
  name: "mix-rows",
  about: "logits of copies of 16 rows from those of their text and of a neuron each; bytes written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "512 × 2304", rows: 512, width: 2304 },
    { label: "128 × 50257", rows: 128, width: 50_257 },
    { label: "512 × 50257", rows: 512, width: 50_257 },
  ],
  work: ({ rows, width }) => 4 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(sourceRows * width, 1);
    const index = Uint32Array.from({ length: 2 * rows }, (_, at) => {
      const row = at >> 1;
      return at % 2 === 0 ? row % 16 : 16 + (Math.floor(row / 16) % 32);
    });
    const [shares, bias] = [randomFloats(2 * rows, 2), randomFloats(width, 3)];
    const operands = {
      x: given(x, [sourceRows, width]),
      index: given(index, [rows, 2]),
      shares: given(shares, [rows, 2]),
      bias: given(bias, [width]),
      out: wanted("f32", [rows, width]),
    };
    const call = prepareCall(device, mixRowsKernel, operands, { rows, width, sourceRows });
    const values = reference(x, width, index.subarray(0, 4), shares, bias);
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-5 } as const;
    const setup = `${torchTensors({ x: [sourceRows, width], s: [rows, 2], b: [width] })}
i = torch.arange(${rows}) % 16; j = 16 + torch.arange(${rows}) // 16 % 32`;
    return layerCase(call, truth, { torch: { setup, run: "b + s[:, :1] * x[i] + s[:, 1:] * x[j]" } });
  },
});
