/** shares[i, 0] · x[index[i, 0]] + shares[i, 1] · x[index[i, 1]] + bias in float64. */
export function mixRows(
  x: Float32Array,
  width: number,
  index: Uint32Array,
  shares: Float32Array,
  bias?: Float32Array,
): number[] {
  return Array.from({ length: (index.length / 2) * width }, (_, at) => {
    const [i, c] = [Math.floor(at / width), at % width];
    const part = (term: number) => shares[2 * i + term]! * x[index[2 * i + term]! * width + c]!;
    return part(0) + part(1) + (bias?.[c] ?? 0);
  });
}
