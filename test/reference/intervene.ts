import type { InterveneInput } from "../../src/kernels/intervene.js";

/** Every change in order, element by element, in float64. */
export function intervene({ x, width, changes, columns, values }: InterveneInput): number[] {
  const out = Array.from(x);
  for (const change of changes) {
    const amount = change.amount ?? (change.operation === "set" ? 0 : 1);
    for (let row = change.rows[0]; row < change.rows[1]; row++) {
      const run = Array.from({ length: change.columns[1] - change.columns[0] }, (_, k) => change.columns[0] + k);
      const places = run.map((k) => row * width + (change.listed ? columns![k]! : k));
      const start = (change.vector?.offset ?? 0) + (row - change.rows[0]) * (change.vector?.step ?? 0);
      const v = places.map((_, k) => values?.[start + k] ?? 0);
      const dot = places.reduce((sum, place, k) => sum + out[place]! * v[k]!, 0);
      places.forEach((place, k) => {
        const before = out[place]!;
        out[place] = {
          set: amount,
          scale: amount * before,
          add: before + amount,
          replace: v[k]!,
          accumulate: before + amount * v[k]!,
          project: before + amount * dot * v[k]!,
        }[change.operation];
      });
    }
  }
  return out;
}
