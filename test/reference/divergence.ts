import { softmax } from "./softmax.js";

/** Σ p ln(p/q) of pairs of rows, in float64, straight from the definition. */
export function divergence(before: Float32Array, after: Float32Array, width: number, index?: Uint32Array): number[] {
  const q = softmax(after, width);
  const p = softmax(before, width);
  return Array.from({ length: after.length / width }, (_, row) => {
    const other = index ? index[row]! : row;
    if (other === 2 ** 32 - 1) return 0;
    let sum = 0;
    for (let c = 0; c < width; c++) {
      const share = p[other * width + c]!;
      if (share > 0) sum += share * Math.log(share / q[row * width + c]!);
    }
    return sum;
  });
}
