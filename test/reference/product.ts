/** Σ_k left(i, k) · right(k, j) in float64, straight from the definition. */
export function product(
  rows: number,
  inner: number,
  columns: number,
  left: (row: number, k: number) => number,
  right: (k: number, column: number) => number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < inner; k++) out[i * columns + j]! += left(i, k) * right(k, j);
    }
  }
  return out;
}

/** The error function to 1e-15 relatively: its series below 2.5, the continued fraction of its complement above. */
export function complementaryErrorFunction(x: number): number {
  if (x < 2.5) return 1 - errorFunctionSeries(x);
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

function errorFunctionSeries(x: number): number {
  if (x < -2.5) return complementaryErrorFunction(-x) - 1;
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** The nonlinearities of a product, from their definitions. */
export const activations = {
  none: (x: number) => x,
  gelu: (x: number) => (x * complementaryErrorFunction(-x / Math.SQRT2)) / 2,
  // ½(1 + tanh u) = 1/(1 + e^−2u), which keeps its digits where tanh is near −1
  "gelu-tanh": (x: number) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x: number) => x / (1 + Math.exp(-x)),
  relu: (x: number) => Math.max(x, 0),
};
