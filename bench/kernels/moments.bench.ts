import { noExtremes } from "../../src/kernels/moment-sums.js";
import { momentsKernel, provisionalMeans } from "../../src/kernels/moments.js";
import { given } from "../../src/kernels/run-once.js";
import { randomNormals } from "../../test/random.js";
import { columnsOf, momentsOfColumn } from "../../test/reference/moments.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const rows = 4096;

await benchmark({
  name: "moments",
  about: "four moments, extremes and counts of the columns of a block of 4,096 rows",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "768", columns: 768 },
    { label: "3072", columns: 3072 },
    { label: "9216", columns: 9216 },
  ],
  work: ({ columns }) => rows * columns * 4,
  prepare(device, { columns }) {
    const x = randomNormals(rows * columns, columns);
    const operands = {
      x: given(x, [rows, columns]),
      shift: given(provisionalMeans(x, columns), [columns]),
      sums: given(new Float32Array(8 * columns), [8, columns]),
      extremes: given(noExtremes(columns), [2, columns]),
      counts: given(new Uint32Array(2 * columns), [2, columns]),
    };
    const call = prepareCall(device, momentsKernel, operands, { rows, columns, low: 0, high: 0 });
    return {
      run: () => call.run(),
      /** Sums grow from run to run: the check comes after the first. */
      async check() {
        const sums = await call.read("sums", new Float32Array(8 * columns));
        const shift = provisionalMeans(x, columns);
        const wrong = columnsOf(x, columns).map((values, column) => {
          const mean = shift[column]! + (sums[column]! + sums[columns + column]!) / rows;
          return Math.abs(mean - momentsOfColumn(values).mean);
        });
        return Math.max(...wrong);
      },
      ...(columns > 768
        ? {}
        : {
            peers: { "plain TypeScript": () => columnsOf(x, columns).map(momentsOfColumn) },
            python: {
              "numpy and scipy": {
                setup: `import numpy as np, scipy.stats as s; g = np.random.default_rng(1)
x = g.standard_normal((${rows}, ${columns}), dtype=np.float32)`,
                run: "x.var(0); s.skew(x); s.kurtosis(x); x.min(0); x.max(0); (x > 0).sum(0)",
              },
            },
          }),
      dispose: () => call[Symbol.dispose](),
    };
  },
});
