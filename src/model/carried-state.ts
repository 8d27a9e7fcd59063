import { rowsOf, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import type { Recurrence } from "./network.js";
import type { Recording } from "./recording.js";

/** Records a layer's state before the first step, longest sequence first: what the batch was given, or zeros. */
export function recordStartState(run: Recording, layer: number, vector: number): Value {
  const { recurrence, capacity } = run.request;
  const { width } = recurrence!;
  const x = run.recorder.named("state", "f32", [1, width]);
  const out = run.temporary(width, capacity.sequences);
  const index = rowsOf(run.field("stateRows"), blockOf(recurrence!, layer, vector) * capacity.sequences, capacity.sequences); // biome-ignore format: one line
  const sizes = { rows: run.sequences, width, sourceRows: run.recorder.parameter("state rows") };
  run.recorder.record(gatherRowsKernel, { x, index, out }, sizes);
  return out;
}

/** Records that a layer's state after the last step is kept, in the order of the sequences, if that was asked for. */
export function recordEndState(run: Recording, layer: number, vector: number, state: Value): void {
  const { recurrence, keepState, capacity } = run.request;
  if (!keepState) return;
  const { width } = recurrence!;
  const all = run.recorder.named("next state", "f32", [capacity.sequences, width]);
  const first = run.recorder.parameter(`state block ${blockOf(recurrence!, layer, vector)}`);
  const out = rowsOf(all, first, capacity.sequences);
  const sizes = { rows: run.sequences, width, sourceRows: run.sequences };
  run.recorder.record(gatherRowsKernel, { x: state, index: run.field("ranks"), out }, sizes);
}

function blockOf({ vectors }: Recurrence, layer: number, vector: number): number {
  return layer * vectors + vector;
}
