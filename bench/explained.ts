import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BitMatrix, countOnes, wordsPerRow } from "../src/core/bits.js";
import type { Device } from "../src/device/device.js";
import { explain } from "../src/methods/corpus/explain.js";
import type { Explanation } from "../src/methods/corpus/explanation.js";
import { sourceOf } from "../test/activations/in-memory.js";
import { tableOf } from "../test/activations/table.js";
import { neuronMasks, wordLikeRows } from "./formulas.js";
import type { Case } from "./measure.js";
import { root } from "./root.js";

/** How much is explained. */
export interface ExplainSize {
  readonly rows: number;
  readonly neurons: number;
  readonly concepts: number;
}

export const beam = 10;
export const length = 3;

/** Explains neurons from activations in memory; the check is a search that evaluates every formula on every row. */
export function explainCase(
  device: Device,
  { rows, neurons, concepts: leaves }: ExplainSize,
  withPeer = false,
): Case<Explanation> {
  const data = wordLikeRows(rows, leaves);
  const masks = neuronMasks(data.concepts, neurons);
  const zeros = new Array<number>(rows).fill(0);
  const table = tableOf("word", zeros, zeros, [...data.columns.form], data.columns);
  const sites = [{ name: "layers.0.residual", width: neurons, offset: 0 }];
  const source = sourceOf(activationsOf(masks), sites, table, 4096);
  const others = 17 + 50 + 40;
  const concepts = ["upos", "xpos", "deprel", `form:${leaves - others}`];
  return {
    run: () => explain(source, { concepts, beam, length, device }),
    check(result: Explanation) {
      if (result.concepts.length !== leaves) throw new Error(`${result.concepts.length} concepts and not ${leaves}`);
      const [first] = result.neurons;
      const truth = bestScore(masks.bits.subarray(0, wordsPerRow(rows)), data.concepts);
      const error = Math.abs((first?.score ?? 0) - truth);
      if (!(error < 1e-12)) throw new Error(`the score is ${first?.score} and should be ${truth}`);
      return error;
    },
    ...(withPeer && { python: { "authors' loop in numpy": pythonLoop(masks, data.concepts) } }),
  };
}

function activationsOf({ bits, rows: neurons, columns: rows }: BitMatrix): Float32Array {
  const words = wordsPerRow(rows);
  const x = new Float32Array(rows * neurons);
  for (let row = 0; row < rows; row++) {
    for (let neuron = 0; neuron < neurons; neuron++) {
      x[row * neurons + neuron] = ((bits[neuron * words + (row >>> 5)]! >>> (row & 31)) & 1) * 2 - 1;
    }
  }
  return x;
}

/** The same masks and concepts for Python, a byte a row. */
function pythonLoop(masks: BitMatrix, concepts: BitMatrix) {
  const rows = masks.columns;
  const words = wordsPerRow(rows);
  const folder = join(root, ".cache/bench-explain");
  mkdirSync(folder, { recursive: true });
  for (const [name, matrix] of Object.entries({ masks, concepts })) {
    const bytes = new Uint8Array(matrix.rows * rows);
    for (let i = 0; i < bytes.length; i++) {
      const [one, row] = [Math.floor(i / rows), i % rows];
      bytes[i] = (matrix.bits[one * words + (row >>> 5)]! >>> (row & 31)) & 1;
    }
    writeFileSync(join(folder, name), bytes);
  }
  return {
    setup: `import sys, numpy as np; sys.path.insert(0, ${JSON.stringify(join(root, "bench/peers"))})
from compositional_search import best_score
read = lambda name: np.fromfile(${JSON.stringify(`${folder}/`)} + name, dtype=np.uint8).reshape(-1, ${rows}).astype(bool)
masks, concepts = read("masks"), read("concepts")`,
    run: `for mask in masks: best_score(mask, concepts, ${beam}, ${length})`,
  };
}

/** The best score of a beam search that evaluates every formula on all words. */
function bestScore(mask: Uint32Array, { bits, rows: count }: BitMatrix): number {
  const words = mask.length;
  const concepts = Array.from({ length: count }, (_, c) => bits.subarray(c * words, (c + 1) * words));
  let kept = keep(concepts.map((concept) => ({ score: iouOf(mask, concept), formula: concept })));
  const useful = concepts.filter((concept) => iouOf(mask, concept) > 0);
  for (let step = 1; step < length; step++) {
    const made = kept.flatMap(({ formula }) => keep(useful.flatMap((concept) => joined(mask, formula, concept))));
    kept = keep([...kept, ...made]);
  }
  return kept[0]!.score;
}

interface Scored {
  readonly score: number;
  readonly formula: Uint32Array;
}

function keep(all: readonly Scored[]): Scored[] {
  return [...all].sort((a, b) => b.score - a.score).slice(0, beam);
}

function joined(mask: Uint32Array, formula: Uint32Array, concept: Uint32Array): Scored[] {
  const made = [
    formula.map((word, w) => word | concept[w]!),
    formula.map((word, w) => word & concept[w]!),
    formula.map((word, w) => word & ~concept[w]!),
  ];
  return made.map((one) => ({ score: iouOf(mask, one), formula: one }));
}

function iouOf(a: Uint32Array, b: Uint32Array): number {
  let [both, either] = [0, 0];
  for (let w = 0; w < a.length; w++) {
    both += countOnes(a[w]! & b[w]!);
    either += countOnes(a[w]! | b[w]!);
  }
  return either === 0 ? 0 : both / either;
}
