import { attentionMixKernel } from "../../src/kernels/attention-mix.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { attentionMix as reference } from "../../test/reference/attention-mix.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [heads, headWidth] = [12, 64];
const columns = heads * headWidth;

/** As many equally long sequences as make 2,048 tokens. */
const sizes = [16, 128, 1024].map((length) => ({ label: `${2048 / length} × ${length} tokens`, length }));

await benchmark({
  name: "attention-mix",
  about: "values of 12 heads of 64 mixed by given weights, 2,048 tokens in sequences of 16 to 1,024",
  dtype: "float32",
  unit: "flop",
  sizes: [sizes[0]!, sizes[1]!, sizes[2]!],
  work: ({ length }) => 2 * 2048 * length * columns,
  prepare(device, { length }) {
    const weights = randomFloats(2048 * heads * length, 1, 1 / length);
    const value = randomFloats(2048 * columns, 2);
    const sequences = 2048 / length;
    const offsets = Uint32Array.from({ length: sequences + 1 }, (_, s) => s * length);
    const operands = {
      weights: given(weights, [2048, heads * length]),
      value: given(value, [2048, columns]),
      offsets: given(offsets, [sequences + 1]),
      out: wanted("f32", [2048, columns]),
    };
    const counts = { sequences, tokens: 2048, keyRows: 2048, longest: length, heads, keyHeads: heads, headWidth };
    const call = prepareCall(device, attentionMixKernel, operands, { ...counts, span: length });
    const some = { weights: weights.subarray(0, 16 * heads * length), span: length, value, heads, headWidth };
    const ranges = Uint32Array.of(0, 0, 0, length);
    const values = reference({ ...some, offsets: Uint32Array.of(0, 16), ranges });
    const truth = { operand: "out", elements: 2048 * columns, values, tolerance: 1e-5 } as const;
    const setup = torchTensors({ w: [sequences, heads, length, length], v: [sequences, heads, length, headWidth] });
    return layerCase(call, truth, {
      ...(length === 16 && { plain: () => reference({ weights, span: length, value, offsets, heads, headWidth }) }),
      torch: { setup, run: "w @ v" },
    });
  },
});
