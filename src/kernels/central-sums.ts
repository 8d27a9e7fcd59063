import { ArgumentError } from "../core/errors.js";

/** Second moments of columns around their means, in float64. */
export interface CentralSums {
  readonly count: number;
  /** Means of the columns of x and of y (the same where there is no y). */
  readonly mean: Float64Array;
  readonly otherMean: Float64Array;
  /** Σ (x − mean)² of every column of x and of y; exactly 0 where a column is constant. */
  readonly squares: Float64Array;
  readonly otherSquares: Float64Array;
  /** columns × others values Σ (x − mean)(y − mean): count times the covariance. */
  readonly scatter: Float64Array;
}

/**
 * Central sums of the rows of both: M = M_A + M_B + n_A·n_B/(n_A + n_B)·d·dᵀ, d the difference of the means (Chan,
 * Golub and LeVeque 1979).
 *
 * @throws ArgumentError if they are not of the same columns
 */
export function mergeCentralSums(a: CentralSums, b: CentralSums): CentralSums {
  if (a.scatter.length !== b.scatter.length || a.mean.length !== b.mean.length) {
    throw new ArgumentError("b", `${a.mean.length} × ${a.otherMean.length} columns`, b.mean.length);
  }
  const count = a.count + b.count;
  const weight = (a.count * b.count) / count;
  const d = a.mean.map((value, i) => b.mean[i]! - value);
  const e = a.otherMean.map((value, i) => b.otherMean[i]! - value);
  const others = e.length;
  return {
    count,
    mean: a.mean.map((value, i) => value + (d[i]! * b.count) / count),
    otherMean: a.otherMean.map((value, i) => value + (e[i]! * b.count) / count),
    squares: a.squares.map((value, i) => value + b.squares[i]! + weight * d[i]! ** 2),
    otherSquares: a.otherSquares.map((value, i) => value + b.otherSquares[i]! + weight * e[i]! ** 2),
    scatter: a.scatter.map((value, at) => {
      const i = Math.floor(at / others);
      return value + b.scatter[at]! + weight * d[i]! * e[at - i * others]!;
    }),
  };
}

/**
 * Pearson's r from central sums.
 *
 * @returns columns × others values in [-1, 1]; 0 where a column is constant
 */
export function correlationOf({ scatter, squares, otherSquares }: CentralSums): Float32Array {
  const [scaleX, scaleY] = [squares.map(inverseRoot), otherSquares.map(inverseRoot)];
  const others = scaleY.length;
  return Float32Array.from(scatter, (value, at) => {
    const i = Math.floor(at / others);
    return Math.max(-1, Math.min(1, value * scaleX[i]! * scaleY[at - i * others]!));
  });
}

/** 1/√square, and 0 where a column is constant. */
export function inverseRoot(square: number): number {
  return square > 0 ? 1 / Math.sqrt(square) : 0;
}
