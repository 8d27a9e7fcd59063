import { normSharesKernel } from "../../src/kernels/norm-shares.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { normShares as reference } from "../../test/reference/norm-shares.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [width, terms, epsilon] = [768, 2, 1e-5];

await benchmark({
  name: "norm-shares",
  about:
    "how much a layer norm of 768 columns has of the two rows that it is the norm of a sum of; bytes of the sums read once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "256 × 768", rows: 256 },
    { label: "1024 × 768", rows: 1024 },
    { label: "4096 × 768", rows: 4096 },
  ],
  work: ({ rows }) => 4 * rows * width,
  prepare(device, { rows }) {
    const [x, before] = [randomFloats(rows * width, 1), randomFloats(terms * rows, 2)];
    const operands = {
      x: given(x, [rows, width]),
      before: given(before, [rows, terms]),
      shares: wanted("f32", [rows, terms]),
    };
    const sizes = { rows, width, terms, weights: terms, epsilon };
    const call = prepareCall(device, normSharesKernel, operands, sizes, { centred: 1 });
    const values = reference(x.subarray(0, 8 * width), width, before.subarray(0, 8 * terms), "layer", epsilon);
    const truth = { operand: "shares", elements: terms * rows, values, tolerance: 1e-5 } as const;
    const setup = torchTensors({ x: [rows, width], b: [rows, terms] });
    const run = `b / (x.var(1, correction=0, keepdim=True) + ${epsilon}).sqrt()`;
    return layerCase(call, truth, { torch: { setup, run } });
  },
});
