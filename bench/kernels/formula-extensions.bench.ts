import { type BitMatrix, wordsPerRow } from "../../src/core/bits.js";
import { bitCounts } from "../../src/kernels/bit-counts.js";
import {
  type ChainFormula,
  formulaExtensionsKernel,
  packFormulas,
  unpackExtensions,
} from "../../src/kernels/formula-extensions.js";
import { overlap } from "../../src/kernels/overlap.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { neuronMasks, wordLikeRows } from "../formulas.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const rows = 25_000;
const beam = 10;

await benchmark({
  name: "formula-extensions",
  about: `The ${beam} best extensions of each neuron's ${beam} best concepts by one of 800 concepts, ${rows} rows; masks of two concepts and noise.`,
  dtype: "bits",
  unit: "neuron",
  sizes: [
    { label: "64 neurons", neurons: 64 },
    { label: "256 neurons", neurons: 256 },
    { label: "1024 neurons", neurons: 1024 },
  ],
  work: ({ neurons }) => neurons,
  async prepare(device, { neurons }) {
    const { concepts } = wordLikeRows(rows, 800);
    const masks = neuronMasks(concepts, neurons);
    const words = wordsPerRow(rows);
    const counts = await overlap(device, masks, concepts);
    const formulas = Array.from({ length: neurons }, (_, neuron) => bestConcepts(counts, neuron));
    const operands = {
      masks: given(masks.bits, [neurons, words]),
      concepts: given(concepts.bits, [concepts.rows, words]),
      sizes: given(await bitCounts(device, concepts), [concepts.rows]),
      shared: given(counts.both, [neurons, concepts.rows]),
      maskSizes: given(counts.masks, [neurons]),
      formulas: given(packFormulas(formulas, beam, 1), [neurons, beam * 3]),
      out: wanted("u32", [neurons, 4 * beam]),
    };
    const sizes = { neurons, concepts: concepts.rows, words, beam, length: 1 };
    const call = prepareCall(device, formulaExtensionsKernel, operands, sizes);
    return {
      run: () => call.run(),
      async check() {
        const out = await call.read("out", new Uint32Array(neurons * 4 * beam));
        for (const neuron of [0, neurons - 1]) {
          const [best] = unpackExtensions(out, neuron, beam);
          if (!best) throw new Error("nothing was found");
          expectEqual(
            best.both / (counts.masks[neuron]! + best.size - best.both),
            largest(masks, concepts, neuron, formulas[neuron]!),
            `neuron ${neuron}`,
          );
        }
        return 0;
      },
      dispose: () => call[Symbol.dispose](),
    };
  },
});

interface Counts {
  readonly both: Uint32Array;
  readonly masks: Uint32Array;
  readonly concepts: Uint32Array;
}

function bestConcepts({ both, masks, concepts }: Counts, neuron: number): ChainFormula[] {
  const shared = both.subarray(neuron * concepts.length, (neuron + 1) * concepts.length);
  const score = (c: number) => shared[c]! / (masks[neuron]! + concepts[c]! - shared[c]!);
  const order = [...concepts.keys()].sort((a, b) => score(b) - score(a) || a - b).slice(0, beam);
  return order.filter((c) => shared[c]! > 0).map((c) => ({ chain: [c * 4], both: shared[c]!, size: concepts[c]! }));
}

/** The largest IoU of any extension, counted row by row. */
function largest(masks: BitMatrix, concepts: BitMatrix, neuron: number, formulas: readonly ChainFormula[]): number {
  const words = wordsPerRow(rows);
  const bit = ({ bits }: BitMatrix, i: number, row: number) => (bits[i * words + (row >>> 5)]! >>> (row & 31)) & 1;
  const mask = Array.from({ length: rows }, (_, row) => bit(masks, neuron, row));
  let best = 0;
  for (const { chain } of formulas) {
    const formula = mask.map((_, row) => bit(concepts, chain[0]! >>> 2, row));
    for (let c = 0; c < concepts.rows; c++) {
      const tally = [0, 0, 0, 0, 0, 0];
      let shared = 0;
      for (let row = 0; row < rows; row++) {
        const [f, own, on] = [formula[row]!, bit(concepts, c, row), mask[row]!];
        shared += own & on;
        const extended = [f | own, f & own, f & (1 - own)];
        extended.forEach((value, kind) => {
          tally[2 * kind]! += value & on;
          tally[2 * kind + 1]! += value | on;
        });
      }
      if (shared > 0) best = Math.max(best, ...[0, 1, 2].map((kind) => tally[2 * kind]! / tally[2 * kind + 1]!));
    }
  }
  return best;
}
