import { type Parameter, rowsOf, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import type { Recurrence } from "./network.js";
import type { Recording } from "./recording.js";

/**
 * Records a layer's state before the first step, longest sequence first: what the batch was given, or zeros. The
 * attentional state of a decoder is that of the layer behind the last one.
 */
export function recordStartState(run: Recording, layer: number, vector: number): Value {
  const { recurrence, capacity } = run.request;
  const { width } = recurrence!;
  const own = run.request.encoded && !run.source ? "source state" : "state"; // an encoder begins with zeros
  const x = run.recorder.named(own, "f32", [1, width]);
  const sourceRows = run.recorder.parameter(`${own} rows`);
  const out = run.temporary(width, capacity.sequences);
  const index = rowsOf(run.field("stateRows"), blockOf(recurrence!, layer, vector) * capacity.sequences, capacity.sequences); // biome-ignore format: one line
  run.recorder.record(gatherRowsKernel, { x, index, out }, { rows: run.sequences, width, sourceRows });
  return out;
}

/** Records that a layer's state after the last step is kept, in the order of the sequences, if that was asked for. */
export function recordEndState(run: Recording, layer: number, vector: number, state: Value): void {
  recordKept(run, layer, vector, { x: state, index: "ranks", sourceRows: run.sequences });
}

/** The same of the attentional state, which has a row per token. */
export function recordEndFeed(run: Recording, states: Value): void {
  recordKept(run, run.request.recurrence!.layers, 0, { x: states, index: "lastRows", sourceRows: run.tokens });
}

interface Kept {
  readonly x: Value;
  /** The field that says which row each sequence ends with. */
  readonly index: string;
  readonly sourceRows: Parameter;
}

function recordKept(run: Recording, layer: number, vector: number, { x, index, sourceRows }: Kept): void {
  const { recurrence, keepState, capacity } = run.request;
  if (!keepState) return;
  const { width } = recurrence!;
  const all = run.recorder.named("next state", "f32", [capacity.sequences, width]);
  const first = run.recorder.parameter(`state block ${blockOf(recurrence!, layer, vector)}`);
  const out = rowsOf(all, first, capacity.sequences);
  const sizes = { rows: run.sequences, width, sourceRows };
  run.recorder.record(gatherRowsKernel, { x, index: run.field(index), out }, sizes);
}

function blockOf({ vectors }: Recurrence, layer: number, vector: number): number {
  return layer * vectors + vector;
}
