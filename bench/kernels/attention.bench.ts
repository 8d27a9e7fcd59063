import { attentionKernel } from "../../src/kernels/attention.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { attention as reference } from "../../test/reference/attention.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [heads, headWidth] = [12, 64];
const columns = heads * headWidth;

/** As many equally long sequences as make 2,048 tokens. */
const sizes = [16, 128, 1024].map((length) => ({ label: `${2048 / length} × ${length} tokens`, length }));

await benchmark({
  name: "attention",
  about: "full attention of 12 heads of 64, 2,048 tokens in sequences of 16 to 1,024",
  dtype: "float32",
  unit: "flop",
  sizes: [sizes[0]!, sizes[1]!, sizes[2]!],
  work: ({ length }) => 4 * 2048 * length * columns,
  prepare(device, { length }) {
    const [query, key, value] = [1, 2, 3].map((seed) => randomFloats(2048 * columns, seed)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const sequences = 2048 / length;
    const offsets = Uint32Array.from({ length: sequences + 1 }, (_, s) => s * length);
    const shape = [2048, columns];
    const operands = {
      query: given(query, shape),
      key: given(key, shape),
      value: given(value, shape),
      offsets: given(offsets, [sequences + 1]),
      out: wanted("f32", shape),
    };
    const counts = { sequences, tokens: 2048, keyRows: 2048, longest: length, heads, keyHeads: heads, headWidth };
    const numbers = { span: length, window: 0, reach: 0, scale: 1 / 8, cap: 0 };
    const call = prepareCall(device, attentionKernel, operands, { ...counts, ...numbers }, { causal: 0 });
    // The first 16 queries, which see the keys of the first sequence.
    const some = { query: query.subarray(0, 16 * columns), key, value, heads, headWidth };
    const first = { offsets: Uint32Array.of(0, 16), ranges: Uint32Array.of(0, 0, 0, length) };
    const values = reference({ ...some, ...first }, length).out;
    const truth = { operand: "out", elements: 2048 * columns, values, tolerance: 1e-5 } as const;
    const setup = torchTensors({
      q: [sequences, heads, length, headWidth],
      k: [sequences, heads, length, headWidth],
      v: [sequences, heads, length, headWidth],
    });
    return layerCase(call, truth, {
      ...(length === 16 && { plain: () => reference({ query, key, value, offsets, heads, headWidth }, length) }),
      torch: { setup, run: "F.scaled_dot_product_attention(q, k, v)" },
    });
  },
});
