import { masksKernel, noRow } from "../../src/kernels/masks.js";
import { given } from "../../src/kernels/run-once.js";
import { randomNormals } from "../../test/random.js";
import { masks as reference } from "../../test/reference/masks.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const rows = 4096;

await benchmark({
  name: "masks",
  about: "bit masks of a block of 4,096 rows, one threshold a column",
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
    const threshold = randomNormals(columns, 1);
    const words = rows / 32;
    const operands = {
      x: given(x, [rows, columns]),
      threshold: given(threshold, [columns]),
      bits: given(new Uint32Array(columns * words), [columns, words]),
      nan: given(new Uint32Array(columns).fill(noRow), [columns]),
    };
    const call = prepareCall(device, masksKernel, operands, { rows, columns, firstRow: 0 });
    return {
      run: () => call.run(),
      async check() {
        const bits = await call.read("bits", new Uint32Array(columns * words));
        for (let row = 0; row < rows; row += 331) {
          for (let column = 0; column < columns; column += 7) {
            const on = (bits[column * words + (row >>> 5)]! >>> (row & 31)) & 1;
            expectEqual(on, x[row * columns + column]! > threshold[column]! ? 1 : 0, `bit ${row} of ${column}`);
          }
        }
        return 0;
      },
      ...(columns > 768
        ? {}
        : {
            peers: { "plain TypeScript": () => reference(x, threshold) },
            python: {
              "numpy packbits": {
                setup: `import numpy as np; g = np.random.default_rng(1)
x = g.standard_normal((${rows}, ${columns}), dtype=np.float32); t = g.standard_normal(${columns}, dtype=np.float32)`,
                run: "np.packbits(x > t, axis=0)",
              },
            },
          }),
      dispose: () => call[Symbol.dispose](),
    };
  },
});
