import type { ColumnMoments } from "../../src/kernels/correlation.js";

/** Pearson's r of sums of products around a shift, pair by pair in float64; of i and i it is 1, or 0 where constant. */
export function correlation(
  sums: (i: number, j: number) => number,
  x: ColumnMoments,
  y: ColumnMoments | null,
): number[][] {
  const others = y ?? x;
  return Array.from(x.sums, (sum, i) =>
    Array.from(others.means, (mean, j) => {
      if (!y && i === j) return x.scales[i]! > 0 ? 1 : 0;
      const product = y || j > i ? sums(i, j) - sum * mean : sums(j, i) - x.sums[j]! * x.means[i]!;
      return Math.min(1, Math.max(-1, product * x.scales[i]! * others.scales[j]!));
    }),
  );
}
