import { lstmParts, lstmStepKernel } from "../../src/kernels/lstm-step.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { lstmStep as reference } from "../../test/reference/lstm-step.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

await benchmark({
  name: "lstm-step",
  about: "gates, cell and hidden state of 650 units from projected inputs; one row is a sequence",
  dtype: "float32",
  unit: "row",
  sizes: [
    { label: "1 × 650", rows: 1, width: 650 },
    { label: "64 × 650", rows: 64, width: 650 },
    { label: "1024 × 650", rows: 1024, width: 650 },
  ],
  work: ({ rows }) => rows,
  prepare(device, { rows, width }) {
    const [input, recurrent] = [randomFloats(rows * 4 * width, 1), randomFloats(rows * 4 * width, 2)];
    const cell = new Float32Array(rows * width);
    const operands = {
      input: given(input, [rows, 4 * width]),
      recurrent: given(recurrent, [rows, 4 * width]),
      cell: given(cell, [rows, width]),
      hidden: wanted("f32", [rows, width]),
    };
    const call = prepareCall(
      device,
      lstmStepKernel,
      operands,
      { rows, width, inputRows: rows },
      { parts: lstmParts.all, indexed: 0 },
    );
    const truth = { operand: "hidden", elements: rows * width, tolerance: 1e-6 } as const;
    const setup = torchTensors({ x: [rows, 4 * width], r: [rows, 4 * width], c: [rows, width] });
    return layerCase(
      call,
      { ...truth, values: reference(width, { input, recurrent, cell }).hidden },
      {
        plain: () => reference(width, { input, recurrent, cell }),
        torch: {
          setup,
          run: "i, f, g, o = (x + r).chunk(4, 1); d = f.sigmoid() * c + i.sigmoid() * g.tanh(); o.sigmoid() * d.tanh()",
        },
      },
    );
  },
});
