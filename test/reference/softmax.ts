/** Softmax along rows of `width` columns, in float64. */
export function softmax(x: ArrayLike<number>, width: number, scale = 1): number[] {
  return Array.from({ length: x.length / width }, (_, row) => {
    const values = Array.from({ length: width }, (_, c) => scale * x[row * width + c]!);
    const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
    const powers = values.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }).flat();
}
