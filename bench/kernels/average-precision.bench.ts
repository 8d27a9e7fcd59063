import { random } from "../../src/core/random.js";
import { averagePrecision } from "../../src/kernels/average-precision.js";
import { randomNormals } from "../../test/random.js";
import { averagePrecision as reference } from "../../test/reference/average-precision.js";
import { benchmark } from "../measure.js";

const rows = 25_000;

await benchmark({
  name: "average-precision",
  about:
    "average precision of every neuron for every one of as many classes, 25,000 rows, in both directions (two pairs); from host memory to host memory; the loop is timed on one class",
  dtype: "float32, sums in float64",
  unit: "pair",
  sizes: [
    { label: "128 × 17", columns: 128, concepts: 17 },
    { label: "384 × 50", columns: 384, concepts: 50 },
    { label: "768 × 200", columns: 768, concepts: 200 },
  ],
  work: ({ columns, concepts }) => 2 * columns * concepts,
  prepare(device, { columns, concepts }) {
    const x = randomNormals(rows * columns, columns);
    const classes = classLabels(concepts);
    const words = Math.ceil(rows / 32);
    const bits = new Uint32Array(concepts * words);
    classes.forEach((concept, row) => {
      bits[concept * words + (row >>> 5)]! |= 1 << (row & 31);
    });
    return {
      run: () => averagePrecision(device, x, columns, { bits, rows: concepts, columns: rows }),
      check: ({ positive, negative }) => {
        // The definition counts anew at every threshold: on the first 25,000 rows that takes minutes, so one pair.
        const scores = [...x.subarray(0, rows)].map((value) => Math.round(value * 200) / 200);
        const labels = classes.map((concept) => concept === 3);
        const rounded = Float32Array.from(scores);
        return averagePrecision(device, rounded, 1, {
          bits: bits.subarray(3 * words, 4 * words),
          rows: 1,
          columns: rows,
        }).then((coarse) => {
          if (positive.length !== columns * concepts || negative.length !== columns * concepts)
            throw new Error("too few");
          return Math.abs(coarse.positive[0]! - reference([...rounded], labels));
        });
      },
      ...(columns > 128
        ? {}
        : {
            python: {
              "scikit-learn loop": {
                setup: `import numpy as np; from sklearn.metrics import average_precision_score as ap
g = np.random.default_rng(1); x = g.standard_normal((${rows}, ${columns}), dtype=np.float32); y = g.integers(0, ${concepts}, ${rows})`,
                run: `l = y == 0
for j in range(${columns}): ap(l, x[:, j]); ap(l, -x[:, j])`,
                part: 1 / concepts,
              },
            },
          }),
    };
  },
});

function classLabels(concepts: number): number[] {
  const next = random(7);
  return Array.from({ length: rows }, () => Math.floor(next() * concepts));
}
