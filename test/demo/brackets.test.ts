import { join } from "node:path";
import { expect, test } from "vitest";
import { activations } from "../../src/activations/live.js";
import { rowsOf } from "../../src/activations/neuron-values.js";
import { resolveConcept } from "../../src/corpus/concepts.js";
import { readCorpus } from "../../src/corpus/read.js";
import { loadModel } from "../../src/model/load.js";
import { openTestDevice } from "../devices.js";
import { averagePrecision } from "../reference/average-precision.js";
import { linearScores, logisticRegression } from "../reference/logistic-regression.js";

const demo = join(import.meta.dirname, "../../src/demo");

test("what no unit of the demo's LSTM says of brackets, all of them together do: a linear probe on held-out words", async () => {
  await using device = await openTestDevice("native");
  await using model = await loadModel(join(demo, "models/lstm"), { device });
  const corpus = await readCorpus(join(demo, "corpus/dev.conllu"));
  const source = await activations(model, corpus, { sites: "layers.*.hidden", rows: "word" });
  const inside = Array.from(resolveConcept(source.table!, "misc.Bracket=Yes").labels, (label) => label >= 0);
  const { columns } = source;
  const half = Math.floor(inside.length / 2);
  const values = standardised((await rowsOf(source)).values, columns, half);
  const weights = logisticRegression(values.subarray(0, half * columns), inside.slice(0, half), columns, 0.05);
  const heldOut = linearScores(values.subarray(half * columns), columns, weights);
  expect(averagePrecision(heldOut, inside.slice(half))).toBeCloseTo(0.888, 3);
});

/** Columns less their means, in units of their standard deviations, both over the first `count` rows. */
function standardised(values: Float32Array, columns: number, count: number): Float32Array {
  const of = (column: number) => Array.from({ length: count }, (_, row) => values[row * columns + column]!);
  const scales = Array.from({ length: columns }, (_, column) => {
    const mean = of(column).reduce((sum, value) => sum + value, 0) / count;
    return [mean, Math.sqrt(of(column).reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)] as const;
  });
  return values.map((value, i) => (value - scales[i % columns]![0]) / scales[i % columns]![1]);
}
