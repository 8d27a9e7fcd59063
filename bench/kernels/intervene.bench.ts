import { entryWords, interveneKernel, interventionTable, type MatrixChange } from "../../src/kernels/intervene.js";
import { given } from "../../src/kernels/run-once.js";
import { randomFloats } from "../../test/floats.js";
import { intervene as reference } from "../../test/reference/intervene.js";
import { layerCase, torchTensors } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const [rows, width] = [3200, 3072];

await benchmark({
  name: "intervene",
  about: "as many interventions as sequences, one neuron each, on 3,200 tokens × 3,072 neurons",
  dtype: "float32",
  unit: "row",
  sizes: [
    { label: "1 × 3200 tokens", sequences: 1 },
    { label: "20 × 160 tokens", sequences: 20 },
    { label: "200 × 16 tokens", sequences: 200 },
  ],
  work: () => rows,
  prepare(device, { sequences }) {
    const x = randomFloats(rows * width, 1);
    const tokens = rows / sequences;
    const changes = Array.from({ length: sequences }, (_, s): MatrixChange => {
      return { rows: [s * tokens, (s + 1) * tokens], columns: [7 * s, 7 * s + 1], operation: "set" };
    });
    const operands = {
      x: given(x, [rows, width]),
      entries: given(interventionTable(changes), [sequences, entryWords]),
    };
    const call = prepareCall(device, interveneKernel, operands, { rows, width, count: sequences });
    const values = reference({ x, width, changes });
    const truth = { operand: "x", elements: rows * width, values, tolerance: 0 } as const;
    const setup = torchTensors({ x: [rows, width] });
    return layerCase(call, truth, {
      plain: () => reference({ x, width, changes }),
      torch: { setup, run: `for s in range(${sequences}): x[s * ${tokens}:(s + 1) * ${tokens}, 7 * s] = 0` },
    });
  },
});
