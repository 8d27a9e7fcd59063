import type { Value } from "../device/plan.js";
import type { Remembered } from "./key-cache.js";
import { PlanInputs } from "./plan-inputs.js";
import { fieldsOf, type PlanRequest } from "./plan-request.js";
import { StagedRecorder } from "./staged-recorder.js";

/** What both stacks of a plan share. */
export interface SharedPlan {
  readonly recorder: StagedRecorder;
  readonly inputs: PlanInputs;
  /** The buffer of the inputs. */
  readonly external: Value;
  /** Where captured sites go. */
  readonly matrix: Value | null;
  /** The values of interventions. */
  readonly vectors: Value | null;
  readonly remembered: Map<string, Remembered>;
}

/** Begins a plan. */
export function sharePlan(request: PlanRequest): SharedPlan {
  const { capacity, captured, columns } = request;
  const recorder = new StagedRecorder();
  const inputs = new PlanInputs(fieldsOf(request));
  return {
    recorder,
    inputs,
    external: inputs.external(recorder),
    matrix: captured.size > 0 ? recorder.external("captured", "f32", [capacity.rows, columns]) : null,
    vectors: capacity.vectors > 0 ? recorder.external("vectors", "f32", [capacity.vectors]) : null,
    remembered: new Map(),
  };
}
