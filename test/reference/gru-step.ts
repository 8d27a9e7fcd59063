import type { GruStepInput } from "../../src/kernels/gru-step.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One step of a GRU in float64, unit by unit. */
export function gruStep(width: number, { input, index, recurrent, bias, hidden }: GruStepInput) {
  const rows = hidden.length / width;
  const result = { hidden: [] as number[], gates: new Array<number>(rows * 3 * width).fill(0) };
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      const at = (gate: number) => row * 3 * width + gate * width + c;
      const given = (gate: number) => input[(index?.[row] ?? row) * 3 * width + gate * width + c]!;
      const known = (gate: number) => (recurrent?.[at(gate)] ?? 0) + (bias?.[gate * width + c] ?? 0);
      const r = sigmoid(given(0) + known(0));
      const z = sigmoid(given(1) + known(1));
      const n = Math.tanh(given(2) + r * known(2));
      for (const [gate, value] of [r, z, n].entries()) result.gates[at(gate)] = value;
      result.hidden.push((1 - z) * n + z * hidden[row * width + c]!);
    }
  }
  return result;
}
