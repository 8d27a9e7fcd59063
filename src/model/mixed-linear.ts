import { ArgumentError } from "../core/errors.js";
import { type Parameter, rowsOf, type Value } from "../device/plan.js";
import { layerNormKernel } from "../kernels/layer-norm.js";
import { mixLossKernel } from "../kernels/mix-loss.js";
import { mixRowsKernel } from "../kernels/mix-rows.js";
import { normSharesKernel } from "../kernels/norm-shares.js";
import { rmsNormKernel } from "../kernels/rms-norm.js";
import type { NormedSum } from "./descent.js";
import type { Norm } from "./layers.js";
import { finishProduct, type Linear, type LinearEpilogue, recordProduct } from "./linear-product.js";
import type { Recording } from "./recording.js";

/**
 * Notes that `normed` is the norm of x, where the rows of x are sums u + d · w: it then is a sum of the norms of u and w.
 */
export function noteNorm(run: Recording, x: Value, normed: Value, norm: Norm): void {
  const { recorder } = run;
  const descent = recorder.descentOf(x);
  if (descent?.kind !== "sum" || norm.width !== x.shape[1]) return;
  const { width, epsilon } = norm;
  const { basis, difference } = descent;
  const sourceRows = recorder.parameter("basis rows");
  const [index, shares] = [pairsOf(run, "mixRows"), run.temporary(2, x.shape[0]!)];
  recorder.record(
    normSharesKernel,
    { x, basis, index, difference, shares },
    { rows: run.tokens, width, sourceRows, epsilon },
    { centred: norm.bias ? 1 : 0 },
  );
  const parts = recordPartNorms(run, basis, norm);
  recorder.descend(normed, { kind: "normed", basis: parts, index, shares, bias: norm.bias, products: new Map() });
}

/**
 * Notes that `out` is the rows of x that have a target, where x is a norm of sums.
 *
 * @param gather records the same rows of another matrix
 */
export function noteTargets(
  run: Recording,
  x: Value,
  out: Value,
  first: number,
  gather: (value: Value) => Value,
): void {
  const descent = run.recorder.descentOf(x);
  if (descent?.kind !== "normed") return;
  const index = rowsOf(pairsOf(run, "targetMixRows"), first, out.shape[0]!);
  run.recorder.descend(out, { ...descent, index, shares: gather(descent.shares) });
}

/** Numbers that come with the batch, rows × 2. */
function pairsOf(run: Recording, name: string): Value {
  const field = run.field(name);
  return { ...field, shape: [field.shape[0]! / 2, 2], strides: [2, 1] };
}

/** Norms of a basis without the norm's bias. */
function recordPartNorms(run: Recording, basis: Value, { width, epsilon, weight: numbers, bias }: Norm): Value {
  const { recorder } = run;
  const rows = recorder.parameter("basis rows");
  const out = recorder.lasting("f32", basis.shape);
  const operands = { x: basis, weight: run.constant(numbers, [width]), out };
  if (bias) recorder.record(layerNormKernel, operands, { rows, width, epsilon });
  else recorder.record(rmsNormKernel, operands, { rows, width, segments: 1, epsilon });
  return out;
}

/**
 * Records activation(x · W + b) + residual where x is a norm of sums, or some rows of it: W of the texts' rows and of what
 * the changed neurons write, and of every row a sum of these two.
 */
export function recordMixed(
  run: Recording,
  x: Value,
  descent: NormedSum,
  linear: Linear,
  epilogue: LinearEpilogue,
): Value {
  const { rows = run.tokens } = epilogue;
  const out = epilogue.out ?? run.temporary(linear.outputs, x.shape[0]!);
  const { operands, sizes } = mixOf(run, x, descent, linear);
  run.recorder.record(mixRowsKernel, { ...operands, out }, { rows, ...sizes });
  finishProduct(run, out, { ...epilogue, rows });
  return out;
}

/** Where the losses of rows go, and what they are of: an element of each for every row. */
export interface LossOperands {
  readonly targets: Value;
  readonly loss: Value;
  readonly best: Value;
}

/** Records the losses of x · W + b where x is a norm of sums, or some rows of it; the logits are never stored. */
export function recordMixedLosses(
  run: Recording,
  x: Value,
  linear: Linear,
  losses: LossOperands & { readonly rows: Parameter },
): void {
  const { rows, ...rest } = losses;
  const descent = run.recorder.descentOf(x);
  if (descent?.kind !== "normed") throw new ArgumentError("x", "a norm of sums", descent?.kind);
  const { operands, sizes } = mixOf(run, x, descent, linear);
  run.recorder.record(mixLossKernel, { ...operands, ...rest }, { rows, ...sizes });
}

/** What the rows of x · W + b are sums of, as kernels read it. */
function mixOf(run: Recording, x: Value, descent: NormedSum, linear: Linear) {
  const { parts, constant } = productOf(run, descent, linear);
  const [first, count] = [x.offset.constant / x.strides[0]!, x.shape[0]!];
  return {
    operands: {
      x: parts,
      index: rowsOf(descent.index, first, count),
      shares: rowsOf(descent.shares, first, count),
      ...(constant && { bias: constant }),
    },
    sizes: { width: linear.outputs, sourceRows: run.recorder.parameter("basis rows") },
  };
}

function productOf(run: Recording, { basis, bias, products }: NormedSum, linear: Linear) {
  const key = linear.weight.buffer;
  const known = products.get(key);
  if (known) return known;
  const rows = run.recorder.parameter("basis rows");
  const out = run.recorder.lasting("f32", [basis.shape[0]!, linear.outputs]);
  const parts = recordProduct(run, basis, { ...linear, bias: null }, { rows, out });
  const made = { parts, constant: constantOf(run, bias, linear) };
  products.set(key, made);
  return made;
}

/** What the norm's bias and the linear map's own give every row. */
function constantOf(run: Recording, bias: NormedSum["bias"], linear: Linear): Value | null {
  const { inputs, outputs } = linear;
  if (!bias) return linear.bias && run.constant(linear.bias, [outputs]);
  const out = run.recorder.lasting("f32", [1, outputs]);
  recordProduct(run, run.constant(bias, [1, inputs]), linear, { rows: 1, out });
  return { ...out, shape: [outputs], strides: [1] };
}
