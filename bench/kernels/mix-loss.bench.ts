import { mixLossKernel } from "../../src/kernels/mix-loss.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { mixLoss as reference } from "../../test/reference/mix-loss.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const sourceRows = 48;

await benchmark({
  name: "mix-loss",
  about:
    "losses of copies of 16 rows, whose logits are sums of those of their text and of a neuron each; pairs of row and column",
  dtype: "float32",
  unit: "pair",
  sizes: [
    { label: "512 × 2304", rows: 512, width: 2304 },
    { label: "128 × 50257", rows: 128, width: 50_257 },
    { label: "512 × 50257", rows: 512, width: 50_257 },
  ],
  work: ({ rows, width }) => rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(sourceRows * width, 1);
    const index = Uint32Array.from({ length: 2 * rows }, (_, at) => {
      const row = at >> 1;
      return at % 2 === 0 ? row % 16 : 16 + (Math.floor(row / 16) % 32);
    });
    const [shares, bias, targets] = [randomFloats(2 * rows, 2), randomFloats(width, 3), randomIntegers(rows, width, 4)];
    const operands = {
      x: given(x, [sourceRows, width]),
      index: given(index, [rows, 2]),
      shares: given(shares, [rows, 2]),
      bias: given(bias, [width]),
      targets: given(targets, [rows]),
      loss: wanted("f32", [rows]),
      best: wanted("u32", [rows]),
    };
    const call = prepareCall(device, mixLossKernel, operands, { rows, width, sourceRows });
    const values = reference(x, width, index.subarray(0, 4), shares, targets.subarray(0, 2), bias).loss;
    const truth = { operand: "loss", elements: rows, values, tolerance: 1e-5 } as const;
    const setup = `${torchTensors({ x: [sourceRows, width], s: [rows, 2], b: [width] })}
i = torch.arange(${rows}) % 16; j = 16 + torch.arange(${rows}) // 16 % 32; t = torch.randint(${width}, (${rows},))`;
    return layerCase(call, truth, {
      torch: {
        setup,
        run: "y = b + s[:, :1] * x[i] + s[:, 1:] * x[j]; F.cross_entropy(y, t, reduction='none'); y.argmax(1)",
      },
    });
  },
});
