import { rowsOf, type Value } from "../device/plan.js";
import { normPartsKernel } from "../kernels/norm-parts.js";
import { normSharesKernel } from "../kernels/norm-shares.js";
import type { Norm } from "./layers.js";
import type { Recording } from "./recording.js";
import { repays } from "./stages.js";

/** Notes that `normed` is the norm of x, where the rows of x are weighted sums of known rows: it then is one too. */
export function noteNorm(run: Recording, x: Value, normed: Value, norm: Norm): void {
  const { recorder } = run;
  const descent = recorder.descentOf(x);
  if (descent?.kind !== "mixed" || descent.bias || norm.width !== x.shape[1]) return;
  const { width, epsilon, bias } = norm;
  const weights = descent.shares?.shape[1] ?? 0;
  const terms = (descent.terms.kind === "pairs" ? 2 : 1) + (descent.rest ? 1 : 0);
  const shares = run.temporary(terms, x.shape[0]!);
  recorder.record(
    normSharesKernel,
    { x, ...(descent.shares && { before: descent.shares }), shares },
    { rows: run.tokens, width, terms, weights, epsilon },
    { centred: bias ? 1 : 0 },
  );
  const basis = recorder.lasting("f32", descent.basis.shape);
  recordParts(run, descent.basis, basis, recorder.parameter("basis rows"), norm);
  const rest = descent.rest && run.ofTexts(() => run.temporary(width));
  if (descent.rest && rest) run.ofTexts(() => recordParts(run, descent.rest!, rest, run.tokens, norm));
  recorder.descend(normed, { ...descent, basis, shares, rest, bias, normed: true, products: new Map() });
}

/** What is linear in the norm. */
function recordParts(run: Recording, x: Value, out: Value, rows: Recording["tokens"], norm: Norm): void {
  const { width, weight, bias } = norm;
  const operands = { x, weight: run.constant(weight, [width]), out };
  run.recorder.record(normPartsKernel, operands, { rows, width }, { centred: bias ? 1 : 0 });
}

/**
 * Notes that `out` is x + y, where the rows of one are weighted sums of known rows, and those of the other the texts': these
 * are one more.
 */
export function noteSum(run: Recording, x: Value, y: Value, out: Value): void {
  const { recorder } = run;
  const rest = recorder.isOfFirst(y) ? y : x;
  const descent = recorder.descentOf(rest === y ? x : y);
  if (!recorder.isOfFirst(rest) || descent?.kind !== "mixed") return;
  if (descent.rest || descent.bias) return;
  recorder.descend(out, { ...descent, rest, normed: false, products: new Map() });
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
  if (descent?.kind !== "mixed" || !descent.normed) return;
  if (descent.terms.kind === "changes" && !repaysTargets(run)) return;
  const count = out.shape[0]!;
  const index = (field: Value) => rowsOf(field, first, count);
  const terms =
    descent.terms.kind === "pairs"
      ? { ...descent.terms, index: index(pairsOf(run, "targetMixRows")) }
      : { ...descent.terms, index: index(run.field("targetTextRows")), after: gather(descent.terms.after) };
  run.recorder.descend(out, { ...descent, terms, shares: gather(descent.shares!) });
}

/** Whether there are so few texts and changed columns that a product of their own pays for the rows that have a target. */
function repaysTargets({ request: { capacity } }: Recording): boolean {
  return capacity.textTokens + capacity.neurons <= repays.several * capacity.targets;
}

/** Numbers that come with the batch, rows × 2. */
export function pairsOf(run: Recording, name: string): Value {
  const field = run.field(name);
  return { ...field, shape: [field.shape[0]! / 2, 2], strides: [2, 1] };
}
