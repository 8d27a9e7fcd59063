import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Parameter, rowsOf, type Value } from "../device/plan.js";
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
}

/** Loads layer n of a torch LSTM or GRU under `rnn.`. */
export async function loadRecurrentLayer(
  weights: Weights,
  n: number,
  { cell, inputs, width }: { readonly cell: Cell; readonly inputs: number; readonly width: number },
): Promise<RecurrentLayer> {
  const outputs = width * Object.keys(gateBlocks[cell]).length;
  const matrix = await weights.read(`rnn.weight_ih_l${n}`, [outputs, inputs]);
  const biased = weights.has(`rnn.bias_ih_l${n}`);
  const bias = biased ? await weights.read(`rnn.bias_ih_l${n}`, [outputs]) : new Float32Array(outputs);
  const second = biased ? await weights.read(`rnn.bias_hh_l${n}`, [outputs]) : new Float32Array(outputs);
  if (cell === "lstm") second.forEach((value, i) => { bias[i]! += value; }); // biome-ignore format: one line
  return {
    cell,
    width,
    input: prepareLinear(weights, { matrix, bias, inputs, outputs }),
    recurrent: await loadLinear(weights, { names: [`rnn.weight_hh_l${n}`], inputs: width, outputs: [outputs] }),
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
}

/** Records a layer step by step; gates, cells and hidden states are sites. @returns hidden states, one row per token */
export function recordRecurrentLayer(run: Recording, n: number, x: Value, layer: RecurrentLayer): Value {
  const at = `layers.${n}`;
  const { tokens, sequences, longest } = run.request.capacity;
  const rows = tokens + sequences; // the window of the last step may reach past its rows
  const blocks = Object.entries(gateBlocks[layer.cell]);
  const lstm = layer.cell === "lstm";
  const gated = blocks.some(([gate]) => run.needs(`${at}.gate.${gate}`)) || changesInside(run, at, layer.cell);
  const whole: Layer = {
    run,
    at,
    layer,
    input: recordLinear(run, x, layer.input),
    hiddens: run.temporary(layer.width, rows),
    gates: gated ? run.temporary(layer.recurrent.outputs, rows) : null,
    cells: lstm && run.needs(`${at}.cell`) ? run.temporary(layer.width, rows) : null,
    hidden: run.startState(n, 0),
    cell: lstm ? run.startState(n, 1) : null,
    recurrent: run.temporary(layer.recurrent.outputs, sequences),
  };
  for (let t = 0; t < longest; t++) recordStep(whole, t);
  run.endState(n, 0, whole.hidden);
  if (whole.cell) run.endState(n, 1, whole.cell);
  run.capture(`${at}.hidden`, whole.hiddens);
  if (whole.cells) run.capture(`${at}.cell`, whole.cells);
  for (const [gate, block] of blocks) {
    if (whole.gates) run.capture(`${at}.gate.${gate}`, columnsOf(whole.gates, block * layer.width, layer.width));
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
  recordLinear(run, whole.hidden, layer.recurrent, { out: whole.recurrent, rows });
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
