import { softmax } from "./softmax.js";

/** −ln p of each target and the first of the largest logits, in float64. */
export function tokenLoss(logits: Float32Array, targets: Uint32Array): { loss: number[]; best: number[] } {
  const width = logits.length / targets.length;
  const rows = [...targets].map((target, i) => {
    if (target === 2 ** 32 - 1) return { loss: 0, best: 0 };
    const row = logits.subarray(i * width, (i + 1) * width);
    return { loss: -Math.log(softmax(row, width)[target]!), best: row.indexOf(Math.max(...row)) };
  });
  return { loss: rows.map(({ loss }) => loss), best: rows.map(({ best }) => best) };
}
