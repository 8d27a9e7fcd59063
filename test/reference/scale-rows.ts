import type { ScaleRowsInput } from "../../src/kernels/scale-rows.js";

/** scale[i, 0] · x[i] + scale[i, 1] · rest[index[i]] + bias in float64. */
export function scaleRows({ x, width, scale, rest, bias }: ScaleRowsInput): number[] {
  const factors = rest ? 2 : 1;
  return Array.from(x, (value, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const added = rest ? scale[2 * row + 1]! * rest.rows[rest.index[row]! * width + column]! : 0;
    return scale[factors * row]! * value + added + (bias?.[column] ?? 0);
  });
}
