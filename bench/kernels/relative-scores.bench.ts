import { relativeScoresKernel } from "../../src/kernels/relative-scores.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { relativeScores as reference } from "../../test/reference/relative-scores.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [heads, headWidth] = [12, 64];
const columns = heads * headWidth;

/** As many equally long sequences as make 2,048 tokens. */
const sizes = [16, 128, 1024].map((length) => ({ label: `${2048 / length} × ${length} tokens`, length }));

await benchmark({
  name: "relative-scores",
  about: "softmax weights of 12 heads of 64 with relative positions, 2,048 tokens in sequences of 16 to 1,024",
  dtype: "float32",
  unit: "flop",
  sizes: [sizes[0]!, sizes[1]!, sizes[2]!],
  // A query meets each key and the distance to it.
  work: ({ length }) => 4 * 2048 * length * columns,
  prepare(device, { length }) {
    const [query, key] = [randomFloats(2048 * columns, 1), randomFloats(2048 * columns, 2)];
    const [distances, biases] = [randomFloats((2 * length + 1) * columns, 3), randomFloats(4 * columns, 4)];
    const sequences = 2048 / length;
    const offsets = Uint32Array.from({ length: sequences + 1 }, (_, s) => s * length);
    const operands = {
      query: given(query, [2048, columns]),
      key: given(key, [2048, columns]),
      distances: given(distances, [2 * length + 1, columns]),
      biases: given(biases, [4, columns]),
      offsets: given(offsets, [sequences + 1]),
      weights: wanted("f32", [2048, heads * length]),
    };
    const counts = { sequences, tokens: 2048, longest: length, heads, headWidth, span: length, reach: length };
    const call = prepareCall(device, relativeScoresKernel, operands, { ...counts, scale: 1 / 8 });
    const own = { query, key, distances, biases, offsets, heads, headWidth };
    // The first sequence; of long ones the slow truth takes a while.
    const first = { ...own, query: query.subarray(0, length * columns), offsets: Uint32Array.of(0, length) };
    const values = reference(first, length).slice(0, 16 * heads * length);
    const truth = { operand: "weights", elements: 2048 * heads * length, values, tolerance: 1e-5 } as const;
    const setup = [
      torchTensors({
        q: [sequences, heads, length, headWidth],
        k: [sequences, heads, length, headWidth],
        r: [heads, 2 * length, headWidth],
        u: [heads, 1, headWidth],
        v: [heads, 1, headWidth],
      }),
      "def shift(x):",
      "    b, n, i, j = x.shape",
      "    return x.reshape(b, n, j, i)[:, :, 1:].reshape(b, n, i, j - 1)[..., :i]",
    ].join("\n");
    return layerCase(call, truth, {
      ...(length === 16 && { plain: () => reference(own, length) }),
      torch: { setup, run: "torch.softmax(((q + u) @ k.mT + shift((q + v) @ r.mT)) / 8, -1)" },
    });
  },
});
