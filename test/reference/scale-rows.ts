/** scale[i] · x[i] + bias in float64. */
export function scaleRows(x: Float32Array, scale: Float32Array, bias?: Float32Array): number[] {
  const width = x.length / scale.length;
  return Array.from(x, (value, at) => scale[Math.floor(at / width)]! * value + (bias?.[at % width] ?? 0));
}
