import type { Parameter, Value } from "../device/plan.js";
import { type ActivationKind, activationKernel, activationKinds } from "../kernels/activation.js";
import { type ProductActivation, productActivations } from "../kernels/product.js";
import type { Recording } from "./recording.js";

/** Nonlinearities of a network. */
export type Activation = ActivationKind;

/** What a product calls a nonlinearity that it applies to its own sums; null where that takes a step more. */
export function fusedActivation(activation: Activation): ProductActivation | null {
  const name = activation === "identity" ? "none" : activation;
  return productActivations.find((known) => known === name) ?? null;
}

/** Records activation(x), in place. @param rows which count rows there are; all tokens where left out */
export function recordActivation(
  run: Recording,
  x: Value,
  activation: Activation,
  rows: Parameter | number = run.tokens,
): void {
  const kind = activationKinds.indexOf(activation);
  run.recorder.record(activationKernel, { out: x }, { rows, width: x.shape[1]! }, { kind });
}

/**
 * Records activation(x), in place, for all tokens. Where copies differ from their texts in few columns they still do: the
 * texts' own rows become as they are behind it.
 */
export function recordActivated(run: Recording, x: Value, activation: Activation): void {
  const few = differsLittle(run, x);
  recordActivation(run, x, activation);
  if (!few) return;
  run.ofTexts(() => recordActivation(run, x, activation));
  run.recorder.descend(x, { kind: "changed" });
}

/** Records activation(gate) · up, for all tokens. Where copies differ from their texts in few columns they still do. */
export function recordGate(run: Recording, gate: Value, up: Value, activation: Activation): Value {
  const own = recordProducts(run, gate, up, activation);
  if (!differsLittle(run, gate) && !differsLittle(run, up)) return own;
  const ofTexts = run.ofTexts(() => recordProducts(run, gate, up, activation));
  run.recorder.continueAs(ofTexts, own);
  run.recorder.descend(ofTexts, { kind: "changed" });
  return ofTexts;
}

function recordProducts(run: Recording, gate: Value, up: Value, activation: Activation): Value {
  const width = gate.shape[1]!;
  const out = run.temporary(width);
  const kind = activationKinds.indexOf(activation);
  run.recorder.record(activationKernel, { x: gate, up, out }, { rows: run.tokens, width }, { kind });
  return out;
}

/** Whether rows are of copies that differ from their texts in few columns. */
function differsLittle(run: Recording, x: Value): boolean {
  return run.recorder.descentOf(x)?.kind === "changed";
}
