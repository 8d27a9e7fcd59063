import type { RotaryInput } from "../../src/kernels/rotary.js";

/** Every pair of columns turned by its angle, as a product of complex numbers, in float64. */
export function rotary({ x, positions, heads, headWidth, rotated, table, interleaved }: RotaryInput): number[] {
  const out = Array.from(x);
  positions.forEach((position, row) => {
    for (let pair = 0; pair < heads * (rotated / 2); pair++) {
      const [head, c] = [Math.floor(pair / (rotated / 2)), pair % (rotated / 2)];
      const start = (row * heads + head) * headWidth;
      const [a, b] = interleaved ? [start + 2 * c, start + 2 * c + 1] : [start + c, start + c + rotated / 2];
      const cosine = table[position * rotated + c]!;
      const sine = table[position * rotated + rotated / 2 + c]!;
      out[a] = x[a]! * cosine - x[b]! * sine;
      out[b] = x[a]! * sine + x[b]! * cosine;
    }
  });
  return out;
}
