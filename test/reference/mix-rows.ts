/** shares[i, 0] · x[index[i, 0]] + shares[i, 1] · x[index[i, 1]] + shares[i, 2] · rest[index[i, 0]] + bias in float64. */
export function mixRows(
  x: Float32Array,
  width: number,
  index: Uint32Array,
  shares: Float32Array,
  bias?: Float32Array,
  rest?: Float32Array,
): number[] {
  const terms = rest ? 3 : 2;
  return Array.from({ length: (index.length / 2) * width }, (_, at) => {
    const [i, c] = [Math.floor(at / width), at % width];
    const part = (term: number) => shares[terms * i + term]! * x[index[2 * i + term]! * width + c]!;
    const third = rest ? shares[terms * i + 2]! * rest[index[2 * i]! * width + c]! : 0;
    return part(0) + part(1) + third + (bias?.[c] ?? 0);
  });
}
