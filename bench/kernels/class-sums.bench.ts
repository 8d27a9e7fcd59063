import { classSumsKernel } from "../../src/kernels/class-sums.js";
import { given } from "../../src/kernels/run-once.js";
import { randomNormals } from "../../test/random.js";
import { classSums as reference } from "../../test/reference/class-sums.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const rows = 4096;
const classes = 17;

await benchmark({
  name: "class-sums",
  about: "column sums of the 17 classes of a block of 4,096 rows, in float32 pairs",
  dtype: "float32 pairs",
  unit: "byte",
  sizes: [
    { label: "768", columns: 768 },
    { label: "3072", columns: 3072 },
    { label: "9216", columns: 9216 },
  ],
  work: ({ columns }) => rows * columns * 4,
  prepare(device, { columns }) {
    const x = randomNormals(rows * columns, columns);
    const members = Uint32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? i / 2 : (i * 7) % classes));
    const operands = {
      x: given(x, [rows, columns]),
      members: given(members, [rows, 2]),
      sums: given(new Float32Array(classes * columns), [classes, columns]),
      rests: given(new Float32Array(classes * columns), [classes, columns]),
    };
    const call = prepareCall(device, classSumsKernel, operands, { rows, columns, entries: rows });
    return {
      run: () => call.run(),
      /** Sums grow from run to run: the check comes before the timing, after one run. */
      async check() {
        const sums = await call.read("sums", new Float32Array(classes * columns));
        const expected = reference(x, columns, members, classes).flat();
        return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(sums[i]! - value)), 0);
      },
      ...(columns > 768
        ? {}
        : {
            peers: { "plain TypeScript": () => reference(x, columns, members, classes) },
            python: {
              "numpy one-hot product": {
                setup: `import numpy as np; g = np.random.default_rng(1)
x = g.standard_normal((${rows}, ${columns}), dtype=np.float32)
y = np.eye(${classes}, dtype=np.float32)[g.integers(0, ${classes}, ${rows})]`,
                run: "y.T @ x",
              },
            },
          }),
      dispose: () => call[Symbol.dispose](),
    };
  },
});
