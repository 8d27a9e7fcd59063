/** ‖after − before‖ / ‖before‖ of pairs of rows, in float64. */
export function rowDistance(before: Float32Array, after: Float32Array, width: number, index?: Uint32Array): number[] {
  return Array.from({ length: after.length / width }, (_, row) => {
    const other = index ? index[row]! : row;
    if (other === 2 ** 32 - 1) return 0;
    const old = Array.from(before.subarray(other * width, (other + 1) * width));
    const moved = Math.hypot(...old.map((value, c) => after[row * width + c]! - value));
    return moved === 0 ? 0 : moved / Math.hypot(...old);
  });
}
