import { given, wanted } from "../../src/kernels/run-once.js";
import { transposeKernel } from "../../src/kernels/transpose.js";
import { randomNormals } from "../../test/random.js";
import { benchmark } from "../measure.js";
import { expectEqual, prepareCall } from "../prepared.js";

const rows = 4096;

await benchmark({
  name: "transpose",
  about: "every column of a block of 4,096 rows gathered into a run; bytes read and written",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "768", columns: 768 },
    { label: "3072", columns: 3072 },
    { label: "9216", columns: 9216 },
  ],
  work: ({ columns }) => rows * columns * 8,
  prepare(device, { columns }) {
    const x = randomNormals(rows * columns, columns);
    const operands = { x: given(x, [rows, columns]), out: wanted("f32", [columns, rows]) };
    const call = prepareCall(device, transposeKernel, operands, { rows, columns, firstRow: 0, firstColumn: 0 });
    return {
      run: () => call.run(),
      async check() {
        const out = await call.read("out", new Float32Array(rows * columns));
        for (let at = 0; at < out.length; at += 9973) {
          expectEqual(out[at], x[(at % rows) * columns + Math.floor(at / rows)], `element ${at}`);
        }
        return 0;
      },
      dispose: () => call[Symbol.dispose](),
    };
  },
});
