import { gruParts, gruStepKernel } from "../../src/kernels/gru-step.js";
import { given } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { gruStep as reference } from "../../test/reference/gru-step.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "gru-step",
  about: "gates and hidden state of 650 units from projected inputs; one row is a sequence",
  dtype: "float32",
  unit: "row",
  sizes: [
    { label: "1 × 650", rows: 1, width: 650 },
    { label: "64 × 650", rows: 64, width: 650 },
    { label: "1024 × 650", rows: 1024, width: 650 },
  ],
  work: ({ rows }) => rows,
  prepare(device, { rows, width }) {
    const [input, recurrent] = [randomFloats(rows * 3 * width, 1), randomFloats(rows * 3 * width, 2)];
    const hidden = new Float32Array(rows * width);
    const operands = {
      input: given(input, [rows, 3 * width]),
      recurrent: given(recurrent, [rows, 3 * width]),
      hidden: given(hidden, [rows, width]),
    };
    const call = prepareCall(
      device,
      gruStepKernel,
      operands,
      { rows, width, inputRows: rows },
      { parts: gruParts.all, indexed: 0 },
    );
    const truth = { operand: "hidden", elements: rows * width, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: [rows, 3 * width], r: [rows, 3 * width], h: [rows, width] });
    return layerCase(
      call,
      { ...truth, values: reference(width, { input, recurrent, hidden }).hidden },
      {
        plain: () => reference(width, { input, recurrent, hidden }),
        torch: {
          setup,
          run: "a, b, c = x.chunk(3, 1); d, e, f = r.chunk(3, 1); z = (b + e).sigmoid(); (1 - z) * (c + (a + d).sigmoid() * f).tanh() + z * h",
        },
      },
    );
  },
});
