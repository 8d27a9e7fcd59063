import type { ActivationKind } from "../../src/kernels/activation.js";

/** f(x), times `up` where it is given, in float64. */
export function activation(kind: ActivationKind, x: Float32Array, up?: Float32Array): number[] {
  return Array.from(x, (value, i) => functions[kind](value) * (up?.[i] ?? 1));
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const functions: Readonly<Record<ActivationKind, (x: number) => number>> = {
  identity: (x) => x,
  gelu: (x) => x * normalBelow(x),
  "gelu-tanh": (x) => x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)),
  silu: (x) => x * sigmoid(x),
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid,
  "quick-gelu": (x) => x * sigmoid(1.702 * x),
  "squared-relu": (x) => Math.max(x, 0) ** 2,
};

/** The standard normal distribution function: its series near 0, a continued fraction in the tail (Abramowitz and Stegun 26.2.10, 26.2.14). */
function normalBelow(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) < 3) return 0.5 + density * series(x);
  let fraction = 0;
  for (let k = 200; k > 0; k--) fraction = k / (Math.abs(x) + fraction);
  const tail = density / (Math.abs(x) + fraction);
  return x < 0 ? tail : 1 - tail;
}

function series(x: number): number {
  let [term, sum] = [x, 0];
  for (let k = 1; k < 100; k++) {
    sum += term;
    term *= (x * x) / (2 * k + 1);
  }
  return sum;
}
