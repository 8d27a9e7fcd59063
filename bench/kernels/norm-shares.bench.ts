import { normSharesKernel } from "../../src/kernels/norm-shares.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { normShares as reference } from "../../test/reference/norm-shares.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [width, sourceRows, epsilon] = [768, 64, 1e-5];

await benchmark({
  name: "norm-shares",
  about: "how much of two layer norms of 768 columns that of their sum has; bytes of the sums read once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "256 × 768", rows: 256 },
    { label: "1024 × 768", rows: 1024 },
    { label: "4096 × 768", rows: 4096 },
  ],
  work: ({ rows }) => 4 * rows * width,
  prepare(device, { rows }) {
    const [x, basis] = [randomFloats(rows * width, 1), randomFloats(sourceRows * width, 2)];
    const [index, difference] = [randomIntegers(2 * rows, sourceRows, 3), randomFloats(rows, 4)];
    const operands = {
      x: given(x, [rows, width]),
      basis: given(basis, [sourceRows, width]),
      index: given(index, [rows, 2]),
      difference: given(difference, [rows]),
      shares: wanted("f32", [rows, 2]),
    };
    const call = prepareCall(device, normSharesKernel, operands, { rows, width, sourceRows, epsilon }, { centred: 1 });
    const few = [x.subarray(0, 8 * width), basis, index, difference.subarray(0, 8)] as const;
    const values = reference(...few, "layer", epsilon);
    const truth = { operand: "shares", elements: 2 * rows, values, tolerance: 1e-5 } as const;
    const setup = `${torchTensors({ x: [rows, width], b: [sourceRows, width], d: [rows] })}
i, j = torch.randint(${sourceRows}, (2, ${rows}))
spread = lambda x: (x.var(1, correction=0) + ${epsilon}).sqrt()`;
    const run = "s = spread(b); t = spread(x); torch.stack((s[i] / t, d * s[j] / t), 1)";
    return layerCase(call, truth, { torch: { setup, run } });
  },
});
