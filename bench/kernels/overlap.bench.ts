import { overlapKernel } from "../../src/kernels/overlap.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomWords, sharedBits } from "../bits.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const rows = 25_000;
const words = Math.ceil(rows / 32);

await benchmark({
  name: "overlap",
  about: "bits shared by every mask and every concept, 25,000 rows; random masks (half on) and concepts (1 in 8)",
  dtype: "bits",
  unit: "bit",
  sizes: [
    { label: "768 × 200", masks: 768, concepts: 200 },
    { label: "3072 × 800", masks: 3072, concepts: 800 },
    { label: "9216 × 1600", masks: 9216, concepts: 1600 },
  ],
  work: ({ masks, concepts }) => masks * concepts * rows,
  prepare(device, { masks, concepts }) {
    const a = randomWords(masks * words, 1, 1);
    const b = randomWords(concepts * words, 3, 2);
    const operands = {
      a: given(a, [masks, words]),
      b: given(b, [concepts, words]),
      counts: wanted("u32", [masks, concepts]),
    };
    const call = prepareCall(device, overlapKernel, operands, { rowsA: masks, rowsB: concepts, words });
    return {
      run: () => call.run(),
      async check() {
        const counts = await call.read("counts", new Uint32Array(masks * concepts));
        for (let at = 0; at < counts.length; at += 9973) {
          const [i, j] = [Math.floor(at / concepts), at % concepts];
          expectEqual(counts[at], sharedBits(a, b, i * words, j * words, words), `counts[${i}, ${j}]`);
        }
        return 0;
      },
      ...(masks > 768
        ? {}
        : {
            peers: { "plain TypeScript": () => countAll(a, b, masks, concepts) },
            python: {
              "numpy bool": {
                setup: `import numpy as np; g = np.random.default_rng(1)
a = g.random((${masks}, ${rows})) < .5; b = g.random((${concepts}, ${rows})) < .125`,
                run: "for row in a: (row & b).sum(1)",
              },
              "numpy packed": {
                setup: `import numpy as np; g = np.random.default_rng(1); pad = -(-${rows} // 64) * 8
pack = lambda m: np.pad(np.packbits(m, axis=1), ((0, 0), (0, pad - -(-${rows} // 8)))).view(np.uint64)
a = pack(g.random((${masks}, ${rows})) < .5); b = pack(g.random((${concepts}, ${rows})) < .125)`,
                run: "for row in a: np.bitwise_count(row & b).sum(1, dtype=np.uint32)",
              },
              "faiss binary": {
                setup: `import numpy as np, faiss; g = np.random.default_rng(1)
a = np.packbits(g.random((${masks}, ${rows})) < .5, axis=1); b = np.packbits(g.random((${concepts}, ${rows})) < .125, axis=1)
index = faiss.IndexBinaryFlat(b.shape[1] * 8); index.add(b)`,
                run: `index.search(a, ${concepts})`,
              },
              "torch int8": {
                setup: `import torch; torch.manual_seed(1)
a = (torch.rand(${masks}, ${rows}) < .5).to(torch.int8); b = (torch.rand(${concepts}, ${rows}) < .125).to(torch.int8).T.contiguous()`,
                run: "torch._int_mm(a, b)",
              },
            },
          }),
      dispose: () => call[Symbol.dispose](),
    };
  },
});

function countAll(a: Uint32Array, b: Uint32Array, masks: number, concepts: number): number {
  let sum = 0;
  for (let i = 0; i < masks; i++) {
    for (let j = 0; j < concepts; j++) sum += sharedBits(a, b, i * words, j * words, words);
  }
  return sum;
}
