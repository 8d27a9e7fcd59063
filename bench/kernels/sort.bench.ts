import { given, wanted } from "../../src/kernels/run-once.js";
import { sortKernel } from "../../src/kernels/sort.js";
import { randomNormals } from "../../test/random.js";
import { sort as reference } from "../../test/reference/sort.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const rows = 25_000;

await benchmark({
  name: "sort",
  about: "columns of 25,000 rows sorted with their rows",
  dtype: "float32",
  unit: "neuron",
  sizes: [
    { label: "64", columns: 64 },
    { label: "256", columns: 256 },
    { label: "768", columns: 768 },
  ],
  work: ({ columns }) => columns,
  prepare(device, { columns }) {
    const x = randomNormals(rows * columns, columns);
    const operands = {
      x: given(x, [columns, rows]),
      sorted: wanted("u32", [columns, 2 * rows]),
      spare: wanted("u32", [columns, 2 * rows]),
      nan: wanted("u32", [columns]),
    };
    const call = prepareCall(device, sortKernel, operands, { rows, columns });
    return {
      run: () => call.run(),
      async check() {
        const sorted = await call.read("sorted", new Uint32Array(columns * 2 * rows));
        for (const column of [0, columns - 1]) {
          const expected = reference(x.subarray(column * rows, column * rows + rows));
          for (const [k, row] of expected.entries()) {
            expectEqual(sorted[2 * (column * rows + k)], row, `rank ${k} of ${column}`);
          }
        }
        return 0;
      },
      ...(columns > 64
        ? {}
        : {
            peers: {
              "plain TypeScript": () => {
                for (let c = 0; c < columns; c++) reference(x.subarray(c * rows, c * rows + rows));
              },
            },
            python: {
              "numpy argsort": {
                setup: `import numpy as np; x = np.random.default_rng(1).standard_normal((${columns}, ${rows}), dtype=np.float32)`,
                run: "np.argsort(-x, axis=1, kind='stable')",
              },
            },
          }),
      dispose: () => call[Symbol.dispose](),
    };
  },
});
