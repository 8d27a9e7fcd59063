import { columnsOf, type Value } from "../device/plan.js";
import { activationKernel, activationKinds } from "../kernels/activation.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { recordEndState, recordStartState } from "./carried-state.js";
import { loadLinear, prepareLinear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import { type Cell, gateBlocks, type RecurrentLayer } from "./recurrent-cell.js";
import { keepSteps, type Pass, recordStep, startSteps } from "./recurrent-steps.js";
import type { Weights } from "./weights.js";

/** Where a layer's numbers are, and how large it is. */
export interface RecurrentSource {
  readonly cell: Cell;
  readonly inputs: number;
  readonly width: number;
  /** The module's name; `rnn` where left out. */
  readonly name?: string;
  /** Whether it is the layer that reads from the end; `forward` where left out. */
  readonly direction?: "forward" | "backward";
  /** Columns of the input that it reads, the first ones; left out: all. */
  readonly read?: number;
}

/** Loads layer n of a torch LSTM or GRU, with or without biases. */
export async function loadRecurrentLayer(
  weights: Weights,
  n: number,
  { cell, inputs, width, name = "rnn", direction = "forward", read = inputs }: RecurrentSource,
): Promise<RecurrentLayer> {
  const outputs = width * Object.keys(gateBlocks[cell]).length;
  const tensor = (part: string) => `${name}.${part}_l${n}${direction === "backward" ? "_reverse" : ""}`;
  const whole = await weights.read(tensor("weight_ih"), [outputs, inputs]);
  const matrix = read === inputs ? whole : cutColumns(whole, inputs, 0, read);
  const biased = weights.has(tensor("bias_ih"));
  const bias = biased ? await weights.read(tensor("bias_ih"), [outputs]) : new Float32Array(outputs);
  const second = biased ? await weights.read(tensor("bias_hh"), [outputs]) : new Float32Array(outputs);
  if (cell === "lstm") second.forEach((value, i) => { bias[i]! += value; }); // biome-ignore format: one line
  return {
    cell,
    width,
    input: prepareLinear(weights, { matrix, bias, inputs: read, outputs }),
    recurrent: await loadLinear(weights, { names: [tensor("weight_hh")], inputs: width, outputs: [outputs] }),
    recurrentBias: cell === "gru" ? weights.keep(weights.device.upload(second)) : null,
  };
}

/** Columns from … from + count − 1 of a matrix with rows of `width`. */
export function cutColumns(matrix: Float32Array, width: number, from: number, count: number): Float32Array {
  const rows = matrix.length / width;
  const cut = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    cut.set(matrix.subarray(row * width + from, row * width + from + count), row * count);
  }
  return cut;
}

/** Records a layer step by step; gates, cells and hidden states are sites. @returns hidden states, one row per token */
export function recordRecurrentLayer(run: Recording, n: number, x: Value, layer: RecurrentLayer): Value {
  return recordPass(run, { at: `layers.${n}`, number: n, members: "rowOfToken" }, recordInputs(run, x, layer), layer);
}

/** Records a layer in both directions. @returns hidden states, one row per token: those of the layer that reads forward, then the other's */
export function recordBidirectionalLayer(
  run: Recording,
  n: number,
  x: Value,
  { forward, backward }: { readonly forward: RecurrentLayer; readonly backward: RecurrentLayer },
): Value {
  const at = `layers.${n}`;
  const reading = { at: `${at}.forward`, number: 2 * n, members: "rowOfToken" } as const;
  const reversed = { at: `${at}.backward`, number: 2 * n + 1, members: "reversedRowOfToken" } as const;
  const inputs = recordInputs(run, x, forward);
  const mirrored = recordInputs(run, reverse(run, x), backward);
  const first = partsWithin(run, reading.at) && !looksWithin(run, reversed.at); // what nobody looks at is still of texts
  const early = first ? reverse(run, recordPass(run, reversed, mirrored, backward)) : null;
  const ahead = recordPass(run, reading, inputs, forward);
  const back = early ?? reverse(run, recordPass(run, reversed, mirrored, backward));
  return sideBySide(run, ahead, back);
}

/** Records each sequence's rows from its end. */
function reverse(run: Recording, x: Value): Value {
  const width = x.shape[1]!;
  const out = run.temporary(width);
  const sizes = { rows: run.tokens, width, sourceRows: run.tokens };
  run.recorder.record(gatherRowsKernel, { x, index: run.field("reversal"), out }, sizes);
  return out;
}

function sideBySide(run: Recording, left: Value, right: Value): Value {
  const width = left.shape[1]!;
  const both = run.temporary(2 * width);
  const copy = (x: Value, column: number) => {
    const operands = { x, out: columnsOf(both, column, width) };
    run.recorder.record(activationKernel, operands, { rows: run.tokens, width }, { kind: activationKinds.indexOf("identity") }); // biome-ignore format: one line
  };
  copy(left, 0);
  copy(right, width);
  return both;
}

/** Whether copies are still one, and part at a site of some steps. */
function partsWithin({ isOfTexts, request: { forkedAt } }: Recording, steps: string): boolean {
  return isOfTexts && (forkedAt?.startsWith(`${steps}.`) ?? false);
}

/** Whether someone looks at a site of some steps. */
function looksWithin({ request: { captured, intervened } }: Recording, steps: string): boolean {
  return [...captured.keys(), ...intervened].some((site) => site.startsWith(`${steps}.`));
}

/** What a layer's steps read of its input, one row per token. */
interface Inputs {
  readonly products: Value;
  /** A multiplicative LSTM's. */
  readonly multiplied: Value | null;
}

function recordInputs(run: Recording, x: Value, { input, multiplier }: RecurrentLayer): Inputs {
  return {
    products: recordLinear(run, x, input),
    multiplied: multiplier ? recordLinear(run, x, multiplier.input) : null,
  };
}

function recordPass(run: Recording, pass: Pass, { products, multiplied }: Inputs, layer: RecurrentLayer): Value {
  const { number } = pass;
  if (partsWithin(run, pass.at)) run.fork();
  const { longest, sequences } = run.request.capacity;
  const state = {
    hidden: recordStartState(run, number, 0),
    cell: layer.cell === "lstm" ? recordStartState(run, number, 1) : null,
  };
  const multipliers = multiplied && { input: multiplied, recurrent: run.temporary(layer.width, sequences) };
  const whole = startSteps(run, pass, products, layer, { state, goesOn: run.request.given, multipliers });
  for (let t = 0; t < longest; t++) recordStep(whole, t);
  run.lastStates[number] = state; // where rows move between places, nobody asks for the last state
  recordEndState(run, number, 0, state.hidden);
  if (state.cell) recordEndState(run, number, 1, state.cell);
  keepSteps(whole);
  return whole.hiddens;
}
