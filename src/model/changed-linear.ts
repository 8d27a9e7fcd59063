import { rowsOf, type Value } from "../device/plan.js";
import { changedProductKernel } from "../kernels/changed-product.js";
import { layouts } from "../kernels/pack.js";
import { weightRowsKernel } from "../kernels/weight-rows.js";
import { type Linear, type LinearEpilogue, recordProduct } from "./linear-product.js";
import { pairsOf } from "./mixed-norm.js";
import type { Recording } from "./recording.js";

/** Whether a linear map is to be computed of the texts, and then only what differs in their copies. */
export function goesOnFromTexts(
  run: Recording,
  x: Value,
  { activation, residual, out, rows }: LinearEpilogue,
): boolean {
  if (run.recorder.descentOf(x)?.kind !== "changed" || (residual && !run.recorder.isOfFirst(residual))) return false;
  const all = rows === undefined || (typeof rows === "object" && rows.parameter === run.tokens.parameter);
  return all && out === undefined && (activation ?? "identity") === "identity";
}

/** Records x · W + b + residual of copies that differ from their texts in few columns of x, by those columns alone. */
export function recordChanged(run: Recording, x: Value, linear: Linear, residual?: Value): Value {
  const { recorder } = run;
  const { inputs: inner, outputs: columns, weight } = linear;
  const { closedForm } = run.request;
  const basis = closedForm ? recordBasis(run, linear) : null;
  const { known, sourceRows } = run.ofTexts(() => {
    const out = basis && { out: rowsOf(basis, 0, run.request.capacity.tokens) };
    return { known: recordProduct(run, x, linear, { ...out, ...(residual && { residual }) }), sourceRows: run.tokens };
  });
  const a = recorder.here(x);
  const rows = a.shape[0]!;
  const out = run.temporary(columns, rows);
  const shares = closedForm === "one" ? run.temporary(2, rows) : null;
  recorder.recordAcross(
    changedProductKernel,
    { a, before: x, known, index: recorder.origin!, b: weight.value(recorder), out, ...(shares && { shares }) },
    { rows: run.tokens, inner, columns, sourceRows, changed: recorder.parameter("changed columns") },
    { weightLayout: layouts[weight.layout] },
  );
  if (basis) {
    const changes = { kind: "changes", after: a, before: x, index: recorder.origin!, width: inner } as const;
    const terms = shares ? ({ kind: "pairs", index: pairsOf(run, "mixRows") } as const) : changes;
    recorder.descend(out, { kind: "mixed", basis, shares, terms, rest: null, normed: false, bias: null, products: new Map() }); // biome-ignore format: one line
  }
  return out;
}

/** Room for the texts' rows, and behind them what each changed column writes. */
function recordBasis(run: Recording, { inputs: inner, outputs: columns, weight }: Linear): Value {
  const { recorder, request } = run;
  const { textTokens, neurons } = request.capacity;
  const basis = recorder.lasting("f32", [textTokens + neurons, columns]);
  recorder.record(
    weightRowsKernel,
    {
      b: weight.value(recorder),
      index: run.field("neurons"),
      out: rowsOf(basis, recorder.parameter("texts tokens"), neurons),
    },
    { rows: recorder.parameter("neurons"), inner, columns },
    { weightLayout: layouts[weight.layout] },
  );
  return basis;
}
