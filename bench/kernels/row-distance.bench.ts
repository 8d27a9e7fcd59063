import { rowDistanceKernel } from "../../src/kernels/row-distance.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { rowDistance as reference } from "../../test/reference/row-distance.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "row-distance",
  about: "length of the difference of pairs of rows, as a share; bytes read once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 8 * rows * width,
  prepare(device, { rows, width }) {
    const [before, after] = [randomFloats(rows * width, 1), randomFloats(rows * width, 2)];
    const operands = {
      before: given(before, [rows, width]),
      after: given(after, [rows, width]),
      out: wanted("f32", [rows]),
    };
    const call = prepareCall(device, rowDistanceKernel, operands, { rows, width, sourceRows: rows });
    const values = reference(before.subarray(0, 8 * width), after.subarray(0, 8 * width), width);
    const truth = { operand: "out", elements: rows, values, tolerance: 1e-5 } as const;
    const setup = torchTensors({ x: [rows, width], y: [rows, width] });
    return layerCase(call, truth, {
      plain: () => reference(before, after, width),
      torch: { setup, run: "(y - x).norm(dim=1) / x.norm(dim=1)" },
    });
  },
});
