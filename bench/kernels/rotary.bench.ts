import { rotaryFrequencies, rotaryKernel, rotaryTable } from "../../src/kernels/rotary.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { rotary as reference } from "../../test/reference/rotary.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [heads, headWidth, positionCount] = [12, 64, 2048];

await benchmark({
  name: "rotary",
  about: "rotary embedding of 12 heads of 64; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1);
    const positions = randomIntegers(rows, positionCount, 2);
    const table = rotaryTable(positionCount, rotaryFrequencies(headWidth));
    const operands = {
      x: given(x, [rows, width]),
      positions: given(positions, [rows]),
      table: given(table, [positionCount, headWidth]),
      out: wanted("f32", [rows, width]),
    };
    const sizes = { rows, heads, headWidth, rotated: headWidth, positionCount };
    const call = prepareCall(device, rotaryKernel, operands, sizes, { interleaved: 0 });
    const input = { x, positions, heads, headWidth, rotated: headWidth, table };
    const values = reference({ ...input, x: x.subarray(0, 8 * width), positions: positions.subarray(0, 8) });
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-6 } as const;
    const setup = `${torchTensors({ x: [rows, heads, headWidth], c: [rows, 1, headWidth], s: [rows, 1, headWidth] })}`;
    return layerCase(call, truth, {
      plain: () => reference(input),
      torch: { setup, run: "x * c + torch.cat((-x[..., 32:], x[..., :32]), -1) * s" },
    });
  },
});
