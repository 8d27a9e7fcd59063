import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Parameter, rowsOf, type Value } from "../device/plan.js";
import { activationKernel, activationKinds } from "../kernels/activation.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { gruStepKernel } from "../kernels/gru-step.js";
import { lstmParts, lstmStepKernel } from "../kernels/lstm-step.js";
import { stepGroup } from "./intervention-table.js";
import { type Linear, loadLinear, prepareLinear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import type { Weights } from "./weights.js";

export type Cell = "lstm" | "gru";

/** Gates in the order of `inspect`, with the block of the torch layout that holds each. */
export const gateBlocks = {
  lstm: { input: 0, forget: 1, output: 3, candidate: 2 },
  gru: { reset: 0, update: 1, candidate: 2 },
} as const satisfies Record<Cell, Record<string, number>>;

/** One layer's weights. */
export interface RecurrentLayer {
  readonly cell: Cell;
  readonly width: number;
  /** All gates' input products, for all tokens at once; holds both biases of an LSTM. */
  readonly input: Linear;
  readonly recurrent: Linear;
  /** A GRU's recurrent bias, which its reset gate scales. */
  readonly recurrentBias: DeviceBuffer | null;
  /** A multiplicative LSTM's: the recurrent products are of (x · input) ⊙ (hidden · recurrent) instead of the hidden state. */
  readonly multiplier?: { readonly input: Linear; readonly recurrent: Linear };
}

/** Where a layer's numbers are, and how large it is. */
export interface RecurrentSource {
  readonly cell: Cell;
  readonly inputs: number;
  readonly width: number;
  /** The module's name; `rnn` where left out. */
  readonly name?: string;
  /** Whether it is the layer that reads from the end; `forward` where left out. */
  readonly direction?: "forward" | "backward";
}

/** Loads layer n of a torch LSTM or GRU, with or without biases. */
export async function loadRecurrentLayer(
  weights: Weights,
  n: number,
  { cell, inputs, width, name = "rnn", direction = "forward" }: RecurrentSource,
): Promise<RecurrentLayer> {
  const outputs = width * Object.keys(gateBlocks[cell]).length;
  const tensor = (part: string) => `${name}.${part}_l${n}${direction === "backward" ? "_reverse" : ""}`;
  const matrix = await weights.read(tensor("weight_ih"), [outputs, inputs]);
  const biased = weights.has(tensor("bias_ih"));
  const bias = biased ? await weights.read(tensor("bias_ih"), [outputs]) : new Float32Array(outputs);
  const second = biased ? await weights.read(tensor("bias_hh"), [outputs]) : new Float32Array(outputs);
  if (cell === "lstm") second.forEach((value, i) => { bias[i]! += value; }); // biome-ignore format: one line
  return {
    cell,
    width,
    input: prepareLinear(weights, { matrix, bias, inputs, outputs }),
    recurrent: await loadLinear(weights, { names: [tensor("weight_hh")], inputs: width, outputs: [outputs] }),
    recurrentBias: cell === "gru" ? weights.keep(weights.device.upload(second)) : null,
  };
}

/** What the steps of one layer share. */
interface Layer {
  readonly run: Recording;
  readonly at: string;
  readonly layer: RecurrentLayer;
  /** One row per token: input products, hidden states, and where someone looks, gates and cells. */
  readonly input: Value;
  readonly hiddens: Value;
  readonly gates: Value | null;
  readonly cells: Value | null;
  /** One row per sequence: the state, and the recurrent products of a step. */
  readonly hidden: Value;
  readonly cell: Value | null;
  readonly recurrent: Value;
  /** A multiplicative LSTM's: one row per token, and one per sequence. */
  readonly multipliers: { readonly input: Value; readonly recurrent: Value } | null;
}

/** A layer, or one direction of it. */
interface Pass {
  /** `layers.3`, `layers.3.backward`. */
  readonly at: string;
  /** Its place among those that keep a state. */
  readonly number: number;
  /** The field that says which row each packed token has. */
  readonly members: "rowOfToken" | "reversedRowOfToken";
  /** Where hidden states go, one row per token and as many more as sequences; left out: new memory. */
  readonly hiddens?: Value;
}

/** Records a layer step by step; gates, cells and hidden states are sites. @returns hidden states, one row per token */
export function recordRecurrentLayer(run: Recording, n: number, x: Value, layer: RecurrentLayer): Value {
  return recordPass(run, { at: `layers.${n}`, number: n, members: "rowOfToken" }, x, layer);
}

/** Records a layer in both directions. @returns hidden states, one row per token: those of the layer that reads forward, then the other's */
export function recordBidirectionalLayer(
  run: Recording,
  n: number,
  x: Value,
  { forward, backward }: { readonly forward: RecurrentLayer; readonly backward: RecurrentLayer },
): Value {
  const { width } = forward;
  const both = run.temporary(2 * width, rowsOfStates(run));
  const hiddens = columnsOf(both, 0, width);
  recordPass(run, { at: `layers.${n}.forward`, number: 2 * n, members: "rowOfToken", hiddens }, x, forward);
  const mirrored = reverse(run, x, run.temporary(x.shape[1]!));
  const pass = { at: `layers.${n}.backward`, number: 2 * n + 1, members: "reversedRowOfToken" } as const;
  reverse(run, recordPass(run, pass, mirrored, backward), columnsOf(both, width, width));
  return both;
}

/** Records each sequence's rows from its end. */
function reverse(run: Recording, x: Value, out: Value): Value {
  const sizes = { rows: run.tokens, width: x.shape[1]!, sourceRows: run.tokens };
  run.recorder.record(gatherRowsKernel, { x, index: run.field("reversal"), out }, sizes);
  return out;
}

/** The window of the last step may reach past its rows. */
function rowsOfStates({ request: { capacity } }: Recording): number {
  return capacity.tokens + capacity.sequences;
}

function recordPass(run: Recording, { at, number, members, hiddens }: Pass, x: Value, layer: RecurrentLayer): Value {
  const { sequences, longest } = run.request.capacity;
  const rows = rowsOfStates(run);
  const { multiplier } = layer;
  const blocks = Object.entries(gateBlocks[layer.cell]);
  const lstm = layer.cell === "lstm";
  const gated = blocks.some(([gate]) => run.needs(`${at}.gate.${gate}`)) || changesInside(run, at, layer.cell);
  const whole: Layer = {
    run,
    at,
    layer,
    input: recordLinear(run, x, layer.input),
    hiddens: hiddens ?? run.temporary(layer.width, rows),
    gates: gated ? run.temporary(layer.recurrent.outputs, rows) : null,
    cells: lstm && run.needs(`${at}.cell`) ? run.temporary(layer.width, rows) : null,
    hidden: run.startState(number, 0),
    cell: lstm ? run.startState(number, 1) : null,
    recurrent: run.temporary(layer.recurrent.outputs, sequences),
    multipliers: multiplier
      ? { input: recordLinear(run, x, multiplier.input), recurrent: run.temporary(layer.width, sequences) }
      : null,
  };
  for (let t = 0; t < longest; t++) recordStep(whole, t);
  run.endState(number, 0, whole.hidden);
  if (whole.cell) run.endState(number, 1, whole.cell);
  const keep = (name: string, value: Value) => run.capture(`${at}.${name}`, value, run.tokens, members);
  keep("hidden", whole.hiddens);
  if (whole.cells) keep("cell", whole.cells);
  for (const [gate, block] of blocks) {
    if (whole.gates) keep(`gate.${gate}`, columnsOf(whole.gates, block * layer.width, layer.width));
  }
  return whole.hiddens;
}

/** Whether something inside a step is changed, so that it runs in parts. */
function changesInside(run: Recording, at: string, cell: Cell): boolean {
  const inside = [`${at}.cell`, ...Object.keys(gateBlocks[cell]).map((gate) => `${at}.gate.${gate}`)];
  return inside.some((site) => run.request.intervened.has(site));
}

function recordStep(whole: Layer, t: number): void {
  const { run, at, layer } = whole;
  const rows = run.recorder.parameter(`rows@${t}`);
  recordLinear(run, recordRead(whole, t, rows), layer.recurrent, { out: whole.recurrent, rows });
  if (!changesInside(run, at, layer.cell)) {
    recordParts(whole, t, rows, lstmParts.all);
  } else {
    const blocks = gateBlocks[layer.cell];
    const [early, late] = layer.cell === "lstm" ? [blocks, {}] : [gruEarly, gruLate];
    recordParts(whole, t, rows, lstmParts.gates);
    changeGates(whole, t, rows, early);
    recordParts(whole, t, rows, lstmParts.cell);
    changeGates(whole, t, rows, late);
    change(whole, t, rows, "cell", whole.cell, whole.cells);
    recordParts(whole, t, rows, lstmParts.hidden);
  }
  change(whole, t, rows, "hidden", whole.hidden, whole.hiddens);
}

/** What the recurrent products of a step are of: the hidden state, or a multiplicative LSTM's product with it. */
function recordRead(whole: Layer, t: number, rows: Parameter): Value {
  const { run, layer, hidden, multipliers } = whole;
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
function atStep({ run }: Layer, value: Value, t: number): Value {
  return rowsOf(value, run.recorder.parameter(`row@${t}`), run.request.capacity.sequences);
}

/** @param part as `lstmParts`; a GRU's candidate has the cell's number */
function recordParts(whole: Layer, t: number, rows: Parameter, part: number): void {
  const { run, layer, input, recurrent, hidden, hiddens, gates, cell, cells } = whole;
  const shared = {
    input: atStep(whole, input, t),
    recurrent,
    hidden,
    hiddens: atStep(whole, hiddens, t),
    ...(gates && { gates: atStep(whole, gates, t) }),
  };
  const sizes = { rows, width: layer.width };
  if (cell) {
    const operands = { ...shared, cell, ...(cells && { cells: atStep(whole, cells, t) }) };
    run.recorder.record(lstmStepKernel, operands, sizes, { parts: part });
    return;
  }
  const bias = run.constant(layer.recurrentBias!, [layer.recurrent.outputs]);
  run.recorder.record(gruStepKernel, { ...shared, bias }, sizes, { parts: part });
}

function changeGates(whole: Layer, t: number, rows: Parameter, blocks: Readonly<Record<string, number>>): void {
  const { run, at, gates, layer } = whole;
  for (const [gate, block] of Object.entries(blocks)) {
    const site = `${at}.gate.${gate}`;
    const columns = columnsOf(atStep(whole, gates!, t), block * layer.width, layer.width);
    run.intervene(site, stepGroup(site, t), columns, rows);
  }
}

/** Changes a state where the next step reads it and where it is kept. */
function change(whole: Layer, t: number, rows: Parameter, name: string, state: Value | null, kept: Value | null): void {
  const site = `${whole.at}.${name}`;
  if (state) whole.run.intervene(site, stepGroup(site, t), state, rows);
  if (kept) whole.run.intervene(site, stepGroup(site, t), atStep(whole, kept, t), rows);
}
