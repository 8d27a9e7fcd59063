/** known[r] + Σ_k (a[i] − before[r])_k · right(k, j) over all k in float64, r = index[i]. */
export function changedProduct(
  { inner, columns, a, before, known, index }: { readonly inner: number; readonly columns: number; readonly a: Float32Array; readonly before: Float32Array; readonly known: Float32Array; readonly index: Uint32Array }, // biome-ignore format: one line
  right: (k: number, column: number) => number,
): number[] {
  return [...index].flatMap((r, i) =>
    Array.from({ length: columns }, (_, j) => {
      let sum = known[r * columns + j]!;
      for (let k = 0; k < inner; k++) sum += (a[i * inner + k]! - before[r * inner + k]!) * right(k, j);
      return sum;
    }),
  );
}
