import type { LstmStepInput } from "../../src/kernels/lstm-step.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One step of an LSTM in float64, unit by unit. */
export function lstmStep(width: number, { input, index, recurrent, cell }: LstmStepInput) {
  const rows = cell.length / width;
  const result = { hidden: [] as number[], cell: [] as number[], gates: new Array<number>(rows * 4 * width).fill(0) };
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      const [i, f, g, o] = [0, 1, 2, 3].map((gate) => {
        const at = row * 4 * width + gate * width + c;
        const before = input[(index?.[row] ?? row) * 4 * width + gate * width + c]! + (recurrent?.[at] ?? 0);
        const after = gate === 2 ? Math.tanh(before) : sigmoid(before);
        result.gates[at] = after;
        return after;
      }) as [number, number, number, number];
      const state = f * cell[row * width + c]! + i * g;
      result.cell.push(state);
      result.hidden.push(o * Math.tanh(state));
    }
  }
  return result;
}
