import { columnsOf, type Parameter, rowsOf, type Value } from "../device/plan.js";
import { activationKernel, activationKinds } from "../kernels/activation.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { gruStepKernel } from "../kernels/gru-step.js";
import { lstmParts, lstmStepKernel } from "../kernels/lstm-step.js";
import { stepGroup } from "./intervention-entries.js";
import { recurrenceOf } from "./intervention-table.js";
import { recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import { type Cell, gateBlocks, type RecurrentLayer } from "./recurrent-cell.js";

/** What the steps of one layer share. */
export interface RecurrentSteps {
  readonly run: Recording;
  readonly at: string;
  readonly layer: RecurrentLayer;
  /** One row per token: input products, hidden states, and where someone looks, gates and cells. */
  readonly input: Value;
  readonly hiddens: Value;
  readonly gates: Value | null;
  readonly cells: Value | null;
  /** The state: one for all steps, or two in turn where rows move between places. */
  readonly states: readonly [StepState, ...StepState[]];
  /** Whether the first step goes on from a state; else there is nothing to multiply. */
  readonly goesOn: boolean;
  /** One row per sequence: the recurrent products of a step. */
  readonly recurrent: Value;
  /** A multiplicative LSTM's: one row per token, and one per sequence. */
  readonly multipliers: { readonly input: Value; readonly recurrent: Value } | null;
  /** The field that says which row each packed token has. */
  readonly members: Pass["members"];
}

/** One row per sequence. */
export interface StepState {
  readonly hidden: Value;
  readonly cell: Value | null;
}

/** A layer, or one direction of it. */
export interface Pass {
  /** `layers.3`, `layers.3.backward`. */
  readonly at: string;
  /** Its place among those that keep a state. */
  readonly number: number;
  /** The field that says which row each packed token has. */
  readonly members: "rowOfToken" | "reversedRowOfToken";
}

/** What the steps of a layer begin with. */
export interface Beginning extends Pick<RecurrentSteps, "goesOn"> {
  readonly state: StepState;
  readonly multipliers?: RecurrentSteps["multipliers"];
}

/** The window of the last step may reach past its rows. */
export function rowsOfStates({ request: { capacity } }: Recording): number {
  return capacity.tokens + capacity.sequences;
}

/** Makes room for the steps of a layer. @param input input products, one row per token, or still one per text's token */
export function startSteps(
  run: Recording,
  { at, members }: Pass,
  input: Value,
  layer: RecurrentLayer,
  { state, goesOn, multipliers = null }: Beginning,
): RecurrentSteps {
  const rows = rowsOfStates(run);
  const { cell, width, recurrent } = layer;
  const perSequence = (columns: number) => run.temporary(columns, run.request.capacity.sequences);
  const gated = Object.keys(gateBlocks[cell]).some((gate) => run.needs(`${at}.gate.${gate}`)) || changesInside(run, at, cell); // biome-ignore format: one line
  return {
    run,
    at,
    layer,
    input,
    hiddens: run.temporary(width, rows),
    gates: gated ? run.temporary(recurrent.outputs, rows) : null,
    cells: state.cell && run.needs(`${at}.cell`) ? run.temporary(width, rows) : null,
    states: run.request.parted
      ? [state, { hidden: perSequence(width), cell: state.cell && perSequence(width) }]
      : [state],
    goesOn,
    recurrent: perSequence(recurrent.outputs),
    multipliers,
    members,
  };
}

/** The state that step t leaves. */
export function stateAt({ states }: RecurrentSteps, t: number): StepState {
  return states[t % states.length]!;
}

/** Keeps what the steps of a layer went through, where someone looks at it. */
export function keepSteps({ run, at, layer, members, hiddens, cells, gates }: RecurrentSteps): void {
  const keep = (name: string, value: Value) => run.capture(`${at}.${name}`, value, run.tokens, members);
  keep("hidden", hiddens);
  if (cells) keep("cell", cells);
  for (const [gate, block] of Object.entries(gateBlocks[layer.cell])) {
    if (gates) keep(`gate.${gate}`, columnsOf(gates, block * layer.width, layer.width));
  }
}

/** Whether something inside a step is changed, so that it runs in parts. */
function changesInside(run: Recording, at: string, cell: Cell): boolean {
  const inside = [`${at}.cell`, ...Object.keys(gateBlocks[cell]).map((gate) => `${at}.gate.${gate}`)];
  return inside.some((site) => run.request.intervened.has(site));
}

/** Records one time step. @param fed what is added to the recurrent products, one row per sequence */
export function recordStep(whole: RecurrentSteps, t: number, fed?: Value): void {
  const { run, at, layer } = whole;
  const { rows } = run.step(t);
  const state = stateAt(whole, t);
  if (t > 0) recordMove(whole, t);
  if (t > 0 || whole.goesOn) {
    const read = recordRead(whole, t, rows);
    recordLinear(run, read, layer.recurrent, { out: whole.recurrent, rows, ...(fed && { residual: fed }) });
  }
  if (!changesInside(run, at, layer.cell)) {
    recordParts(whole, t, rows, lstmParts.all);
  } else {
    const blocks = gateBlocks[layer.cell];
    const [early, late] = layer.cell === "lstm" ? [blocks, {}] : [gruEarly, gruLate];
    recordParts(whole, t, rows, lstmParts.gates);
    changeGates(whole, t, rows, early);
    recordParts(whole, t, rows, lstmParts.cell);
    changeGates(whole, t, rows, late);
    change(whole, t, rows, "cell", state.cell, whole.cells);
    recordParts(whole, t, rows, lstmParts.hidden);
  }
  change(whole, t, rows, "hidden", state.hidden, whole.hiddens);
  const within = recurrenceOf(`${at}.hidden`);
  run.intervene(within, stepGroup(within, t), state.hidden, rows);
}

/** Each place takes the state of the one that it goes on from, where rows move between places. */
function recordMove(whole: RecurrentSteps, t: number): void {
  const { run, states, layer } = whole;
  if (states.length === 1) return;
  const [before, now] = [stateAt(whole, t - 1), stateAt(whole, t)];
  const index = rowsOf(run.field("parents"), run.step(t).first, run.request.capacity.sequences);
  const sizes = { rows: run.step(t).rows, width: layer.width, sourceRows: run.step(t - 1).rows };
  run.recorder.record(gatherRowsKernel, { x: before.hidden, index, out: now.hidden }, sizes);
  if (before.cell && now.cell) run.recorder.record(gatherRowsKernel, { x: before.cell, index, out: now.cell }, sizes);
}

/** What the recurrent products of a step are of: the hidden state, or a multiplicative LSTM's product with it. */
function recordRead(whole: RecurrentSteps, t: number, rows: Parameter): Value {
  const { run, layer, multipliers } = whole;
  const { hidden } = stateAt(whole, t);
  if (!layer.multiplier || !multipliers) return hidden;
  const out = recordLinear(run, hidden, layer.multiplier.recurrent, { out: multipliers.recurrent, rows });
  const kind = activationKinds.indexOf("identity");
  const up = atStep(whole, multipliers.input, t);
  run.recorder.record(activationKernel, { up, out }, { rows, width: layer.width }, { kind });
  return out;
}

const { candidate, ...gruEarly } = gateBlocks.gru;
const gruLate = { candidate };

/** The rows of a value that belong to time step t. */
export function atStep({ run }: { readonly run: Recording }, value: Value, t: number): Value {
  return rowsOf(value, run.step(t).first, run.request.capacity.sequences);
}

/** @param part as `lstmParts`; a GRU's candidate has the cell's number */
function recordParts(whole: RecurrentSteps, t: number, rows: Parameter, part: number): void {
  const { run, layer, input, hiddens, gates, cells } = whole;
  const { hidden, cell } = stateAt(whole, t);
  const shares = run.recorder.isPast(input); // rows of the texts, which the copies read in place
  const shared = {
    input: shares ? input : atStep(whole, input, t),
    ...(shares && { index: rowsOf(run.field("rowsBefore"), run.step(t).first, run.request.capacity.sequences) }),
    ...((t > 0 || whole.goesOn) && { recurrent: whole.recurrent }),
    hidden,
    hiddens: atStep(whole, hiddens, t),
    ...(gates && { gates: atStep(whole, gates, t) }),
  };
  const sizes = { rows, width: layer.width, inputRows: shares ? run.recorder.parameter("texts tokens") : rows };
  const options = { parts: part, indexed: shares ? 1 : 0 };
  if (cell) {
    const operands = { ...shared, cell, ...(cells && { cells: atStep(whole, cells, t) }) };
    run.recorder.recordAcross(lstmStepKernel, operands, sizes, options);
    return;
  }
  const bias = run.constant(layer.recurrentBias!, [layer.recurrent.outputs]);
  run.recorder.recordAcross(gruStepKernel, { ...shared, bias }, sizes, options);
}

function changeGates(
  whole: RecurrentSteps,
  t: number,
  rows: Parameter,
  blocks: Readonly<Record<string, number>>,
): void {
  const { run, at, gates, layer } = whole;
  for (const [gate, block] of Object.entries(blocks)) {
    const site = `${at}.gate.${gate}`;
    const columns = columnsOf(atStep(whole, gates!, t), block * layer.width, layer.width);
    run.intervene(site, stepGroup(site, t), columns, rows);
  }
}

/** Changes a state where the next step reads it and where it is kept. */
function change(
  whole: RecurrentSteps,
  t: number,
  rows: Parameter,
  name: string,
  state: Value | null,
  kept: Value | null,
): void {
  const site = `${whole.at}.${name}`;
  if (state) whole.run.intervene(site, stepGroup(site, t), state, rows);
  if (kept) whole.run.intervene(site, stepGroup(site, t), atStep(whole, kept, t), rows);
}
