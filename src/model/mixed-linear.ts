import { ArgumentError } from "../core/errors.js";
import { type Parameter, rowsOf, type Value } from "../device/plan.js";
import { changedProductKernel } from "../kernels/changed-product.js";
import { mixLossKernel } from "../kernels/mix-loss.js";
import { mixRowsKernel } from "../kernels/mix-rows.js";
import { layouts } from "../kernels/pack.js";
import { scaleRowsKernel } from "../kernels/scale-rows.js";
import { scatterRowsKernel } from "../kernels/scatter-rows.js";
import type { Changes, Descent, KnownProducts, Mixed } from "./descent.js";
import { finishProduct, type Linear, type LinearEpilogue, recordProduct } from "./linear-product.js";
import type { Recording } from "./recording.js";

/**
 * Records activation(x · W + b) + residual where x is a norm of weighted sums, or some rows of it: W of the texts' rows and
 * of what the changed columns write, and of every row a sum of these.
 */
export function recordMixed(run: Recording, x: Value, descent: Mixed, linear: Linear, epilogue: LinearEpilogue): Value {
  const { rows = run.tokens } = epilogue;
  const [first, count] = [x.offset.constant / x.strides[0]!, x.shape[0]!];
  const shares = rowsOf(descent.shares!, first, count);
  const out = epilogue.out ?? run.temporary(linear.outputs, count);
  const mix = { known: productsOf(run, descent, linear), shares, out, rows };
  const { terms } = descent;
  if (terms.kind === "pairs") recordPairs(run, rowsOf(terms.index, first, count), mix);
  else recordChanges(run, { ...terms, after: rowsOf(terms.after, first, count), index: from(terms.index, first) }, mix);
  finishProduct(run, out, { ...epilogue, rows });
  return out;
}

/** Where the losses of rows go, and what they are of: an element of each for every row. */
export interface LossOperands {
  readonly targets: Value;
  readonly loss: Value;
  readonly best: Value;
}

/** Whether rows are norms of sums of two known rows each. */
export function isOfPairs(descent: Descent | null): boolean {
  return descent?.kind === "mixed" && descent.normed && descent.terms.kind === "pairs" && !descent.rest;
}

/** Records the losses of x · W + b where x is of pairs, or some rows of it; the logits are never stored. */
export function recordMixedLosses(
  run: Recording,
  x: Value,
  linear: Linear,
  losses: LossOperands & { readonly rows: Parameter },
): void {
  const { rows, ...rest } = losses;
  const descent = run.recorder.descentOf(x);
  if (descent?.kind !== "mixed" || descent.terms.kind !== "pairs") throw new ArgumentError("x", "a norm of sums", descent?.kind); // biome-ignore format: one line
  const { parts, constant } = productsOf(run, descent, linear);
  const [first, count] = [x.offset.constant / x.strides[0]!, x.shape[0]!];
  const [index, shares] = [descent.terms.index, descent.shares!].map((value) => rowsOf(value, first, count));
  run.recorder.record(
    mixLossKernel,
    { x: parts, index: index!, shares: shares!, ...(constant && { bias: constant }), ...rest },
    { rows, width: linear.outputs, sourceRows: run.recorder.parameter("basis rows") },
  );
}

interface Mix {
  readonly known: KnownProducts;
  readonly shares: Value;
  readonly out: Value;
  readonly rows: NonNullable<LinearEpilogue["rows"]>;
}

function recordPairs({ recorder }: Recording, index: Value, { known, shares, out, rows }: Mix): void {
  const { parts, rest, constant } = known;
  recorder.recordAcross(
    mixRowsKernel,
    { x: parts, index, shares, ...(rest && { rest }), ...(constant && { bias: constant }), out },
    { rows, width: out.shape[1]!, sourceRows: recorder.parameter("basis rows") },
  );
}

function recordChanges(run: Recording, changes: Changes, { known, shares, out, rows }: Mix): void {
  const { after, before, index, width: inner } = changes;
  const { recorder } = run;
  const width = out.shape[1]!;
  const sourceRows = run.ofTexts(() => run.tokens);
  recorder.recordAcross(
    changedProductKernel,
    { a: after, before, known: known.parts, index, b: known.columns!, out },
    { rows, inner, columns: width, sourceRows, changed: recorder.parameter("changed columns") },
    { weightLayout: layouts["inner × columns"] },
  );
  const { rest, constant: bias } = known;
  const operands = { scale: shares, ...(rest && { rest, index }), ...(bias && { bias }), out };
  recorder.recordAcross(scaleRowsKernel, operands, { rows, width, sourceRows });
}

/** Numbers from some row on. */
function from(index: Value, first: number): Value {
  const offset = { ...index.offset, constant: index.offset.constant + first };
  return { ...index, offset, shape: [index.shape[0]! - first] };
}

function productsOf(run: Recording, descent: Mixed, linear: Linear): KnownProducts {
  const { basis, bias, rest, terms, products } = descent;
  const key = linear.weight.buffer;
  const known = products.get(key);
  if (known) return known;
  const rows = run.recorder.parameter("basis rows");
  const out = run.recorder.lasting("f32", [basis.shape[0]!, linear.outputs]);
  const plain = { ...linear, bias: null };
  const parts = recordProduct(run, basis, plain, { rows, out });
  const made = {
    parts,
    columns: terms.kind === "changes" ? recordColumns(run, parts, terms.width) : null,
    rest: rest && run.ofTexts(() => recordProduct(run, rest, plain)),
    constant: constantOf(run, bias, linear),
  };
  products.set(key, made);
  return made;
}

/** What the changed columns write, each in the row of its number; the rows of all others are never read. */
function recordColumns(run: Recording, parts: Value, targetRows: number): Value {
  const { recorder, request } = run;
  const width = parts.shape[1]!;
  const out = recorder.lasting("f32", [targetRows, width]);
  const x = rowsOf(parts, recorder.parameter("texts tokens"), request.capacity.neurons);
  const sizes = { rows: recorder.parameter("neurons"), width, targetRows };
  recorder.record(scatterRowsKernel, { x, index: run.field("neurons"), out }, sizes);
  return out;
}

/** What the norm's bias and the linear map's own give every row. */
function constantOf(run: Recording, bias: Mixed["bias"], linear: Linear): Value | null {
  const { inputs, outputs } = linear;
  if (!bias) return linear.bias && run.constant(linear.bias, [outputs]);
  const out = run.recorder.lasting("f32", [1, outputs]);
  recordProduct(run, run.constant(bias, [1, inputs]), linear, { rows: 1, out });
  return { ...out, shape: [outputs], strides: [1] };
}
