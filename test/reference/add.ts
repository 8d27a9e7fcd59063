/** x + scale · y in float64. */
export function add(x: Float32Array, y: Float32Array, scale: number): number[] {
  return Array.from(x, (value, i) => value + scale * y[i]!);
}
