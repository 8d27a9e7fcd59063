/** The packed order, value by value: slabs of 384 inputs, panels of 32 outputs, zeros where there is no column. */
export function pack(value: (k: number, column: number) => number, inner: number, columns: number): number[] {
  const out: number[] = [];
  for (let slab = 0; slab < inner; slab += 384) {
    for (let panel = 0; panel < columns; panel += 32) {
      for (let k = slab; k < Math.min(slab + 384, inner); k++) {
        for (let column = panel; column < panel + 32; column++) out.push(column < columns ? value(k, column) : 0);
      }
    }
  }
  return out;
}
