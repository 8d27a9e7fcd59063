import { quantiles } from "../../src/kernels/quantiles.js";
import { randomNormals } from "../../test/random.js";
import { quantiles as reference } from "../../test/reference/quantiles.js";
import { benchmark } from "../measure.js";
import { expectEqual } from "../prepared.js";

const rows = 8192;

await benchmark({
  name: "quantiles",
  about: "exact .995 quantile of every column over 8,192 rows: four passes, from host memory to host memory",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "768", columns: 768 },
    { label: "1536", columns: 1536 },
    { label: "3072", columns: 3072 },
  ],
  work: ({ columns }) => 4 * rows * columns * 4,
  prepare(device, { columns }) {
    const x = randomNormals(rows * columns, columns);
    return {
      run: () => quantiles(device, x, columns, 0.005),
      check(thresholds: Float32Array) {
        const expected = reference(x, columns, 0.005);
        for (const [column, threshold] of thresholds.entries()) {
          expectEqual(threshold, expected[column], `threshold ${column}`);
        }
        return 0;
      },
      ...(columns > 768
        ? {}
        : {
            peers: { "plain TypeScript": () => reference(x, columns, 0.005) },
            python: {
              "numpy quantile": {
                setup: `import numpy as np; x = np.random.default_rng(1).standard_normal((${rows}, ${columns}), dtype=np.float32)`,
                run: "np.quantile(x, .995, axis=0)",
              },
            },
          }),
    };
  },
});
