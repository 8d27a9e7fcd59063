import { given, wanted } from "../../src/kernels/run-once.js";
import { tokenLossKernel } from "../../src/kernels/token-loss.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { tokenLoss as reference } from "../../test/reference/token-loss.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const width = 50_257;

await benchmark({
  name: "token-loss",
  about: "loss and likeliest of 50,257 tokens; bytes of logits read once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "16 × 50257", rows: 16 },
    { label: "64 × 50257", rows: 64 },
    { label: "256 × 50257", rows: 256 },
  ],
  work: ({ rows }) => 4 * rows * width,
  prepare(device, { rows }) {
    const logits = randomFloats(rows * width, 1, 2);
    const targets = randomIntegers(rows, width, 2);
    const operands = {
      logits: given(logits, [rows, width]),
      targets: given(targets, [rows]),
      loss: wanted("f32", [rows]),
      best: wanted("u32", [rows]),
    };
    const call = prepareCall(device, tokenLossKernel, operands, { rows, width });
    const values = reference(logits.subarray(0, 4 * width), targets.subarray(0, 4)).loss;
    const truth = { operand: "loss", elements: rows, values, tolerance: 2e-6 } as const;
    const setup = `${torchTensors({ x: [rows, width] })}\nt = torch.randint(${width}, (${rows},))`;
    return layerCase(call, truth, {
      ...(rows === 16 && { plain: () => reference(logits, targets) }),
      torch: { setup, run: "F.cross_entropy(x, t, reduction='none'); x.argmax(1)" },
    });
  },
});
