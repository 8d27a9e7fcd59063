/**
 * Logistic regression with an L2 penalty, by Newton's method: the minimum of C · Σ log(1 + e^(−y·(w·x + b))) + ½‖w‖²,
 * y = ±1, the bias b free, as scikit-learn defines it.
 *
 * @param x rows × columns
 * @returns the weights, and the bias behind them
 */
export function logisticRegression(
  x: Float32Array,
  labels: readonly boolean[],
  columns: number,
  C: number,
): Float64Array {
  const size = columns + 1;
  const weights = new Float64Array(size);
  for (let step = 0; step < 30; step++) {
    const gradient = Float64Array.from(weights, (w, i) => (i < columns ? w : 0));
    const hessian = new Float64Array(size * size);
    for (let i = 0; i < columns; i++) hessian[i * size + i] = 1;
    labels.forEach((label, row) => {
      const own = [...x.subarray(row * columns, (row + 1) * columns), 1];
      const p = 1 / (1 + Math.exp(-score(own, weights)));
      const [error, curvature] = [C * (p - (label ? 1 : 0)), C * p * (1 - p)];
      for (let i = 0; i < size; i++) {
        gradient[i]! += error * own[i]!;
        const scaled = curvature * own[i]!;
        for (let j = 0; j <= i; j++) hessian[i * size + j]! += scaled * own[j]!;
      }
    });
    const change = solve(hessian, gradient);
    for (let i = 0; i < size; i++) weights[i]! -= change[i]!;
    if (Math.hypot(...change) < 1e-9) return weights;
  }
  throw new Error("Newton's method did not settle in 30 steps");
}

/** w · x for every row; the bias changes no order. */
export function linearScores(x: Float32Array, columns: number, weights: Float64Array): number[] {
  return Array.from({ length: x.length / columns }, (_, row) =>
    score(x.subarray(row * columns, (row + 1) * columns), weights),
  );
}

function score(row: ArrayLike<number>, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]! * weights[i]!;
  return sum;
}

/** Solves a·x = b for a positive definite matrix, of which the lower half is read, by its Cholesky factor. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const size = b.length;
  const x = b.slice();
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * size + k]! * a[j * size + k]!;
      a[i * size + j] = i === j ? Math.sqrt(sum) : sum / a[j * size + j]!;
    }
    for (let k = 0; k < i; k++) x[i]! -= a[i * size + k]! * x[k]!;
    x[i]! /= a[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= a[k * size + i]! * x[k]!;
    x[i]! /= a[i * size + i]!;
  }
  return x;
}
