/** cap · tanh(x / cap) in float64. */
export function softCap(x: Float32Array, cap: number): number[] {
  return Array.from(x, (value) => cap * Math.tanh(value / cap));
}
