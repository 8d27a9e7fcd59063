import { poolings, poolRowsKernel } from "../../src/kernels/pool-rows.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { poolRows as reference } from "../../test/reference/pool-rows.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "pool-rows",
  about: "means of two tokens for every word; bytes read and written once",
  dtype: "float32",
  unit: "byte",
  sizes: [
    { label: "128 × 768", rows: 128, width: 768 },
    { label: "2048 × 768", rows: 2048, width: 768 },
    { label: "16384 × 768", rows: 16_384, width: 768 },
  ],
  work: ({ rows, width }) => 6 * rows * width,
  prepare(device, { rows, width }) {
    const x = randomFloats(rows * width, 1);
    const words = rows / 2;
    const starts = Uint32Array.from({ length: words }, (_, g) => 2 * g);
    const ends = starts.map((start) => start + 2);
    const operands = {
      x: given(x, [rows, width]),
      starts: given(starts, [words]),
      ends: given(ends, [words]),
      out: wanted("f32", [words, width]),
    };
    const sizes = { rows: words, width, sourceRows: rows };
    const call = prepareCall(device, poolRowsKernel, operands, sizes, { kind: poolings.indexOf("mean") });
    const values = reference(x, width, { starts: starts.subarray(0, 8), ends: ends.subarray(0, 8) }, "mean");
    const truth = { operand: "out", elements: words * width, values, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: [rows, width] });
    return layerCase(call, truth, {
      plain: () => reference(x, width, { starts, ends }, "mean"),
      torch: { setup, run: `x.view(${words}, 2, ${width}).mean(1)` },
    });
  },
});
