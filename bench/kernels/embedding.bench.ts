import { embeddingKernel } from "../../src/kernels/embedding.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats, randomIntegers } from "../../test/floats.js";
import { embedding as reference } from "../../test/reference/embedding.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const vocabulary = 30_522;

await benchmark({
  name: "embedding",
  about: "token and position rows of tables of 30,522 and 512, added; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 12 * rows * width,
  prepare(device, { rows, width }) {
    const words = { ids: randomIntegers(rows, vocabulary, 1), table: randomFloats(vocabulary * width, 2) };
    const positions = { ids: randomIntegers(rows, 512, 3), table: randomFloats(512 * width, 4) };
    const operands = {
      ids: given(words.ids, [rows]),
      table: given(words.table, [vocabulary, width]),
      positions: given(positions.ids, [rows]),
      positionTable: given(positions.table, [512, width]),
      out: wanted("f32", [rows, width]),
    };
    const sizes = { rows, width, vocabulary, positionCount: 512, typeCount: 0, scale: 1 };
    const call = prepareCall(device, embeddingKernel, operands, sizes);
    const some = { ids: words.ids.subarray(0, 8), table: words.table };
    const where = { ids: positions.ids.subarray(0, 8), table: positions.table };
    const values = reference(some, width, { positions: where });
    const truth = { operand: "out", elements: rows * width, values, tolerance: 1e-6 } as const;
    const setup = `${torchTensors({ t: [vocabulary, width], p: [512, width] })}
i = torch.randint(${vocabulary}, (${rows},)); j = torch.randint(512, (${rows},))`;
    return layerCase(call, truth, {
      plain: () => reference(words, width, { positions }),
      torch: { setup, run: "F.embedding(i, t) + F.embedding(j, p)" },
    });
  },
});
