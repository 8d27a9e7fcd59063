import type { Parameter, Value } from "../device/plan.js";
import { activationKernel, activationKinds } from "../kernels/activation.js";
import { attentionKernel } from "../kernels/attention.js";
import { attentionMixKernel } from "../kernels/attention-mix.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { recordEndFeed, recordEndState, recordStartState } from "./carried-state.js";
import { stepGroup } from "./intervention-entries.js";
import { type Linear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import type { RecurrentLayer } from "./recurrent-cell.js";
import { type EncoderStates, recordEncoderStates } from "./recurrent-encoder.js";
import {
  atStep,
  keepSteps,
  type RecurrentSteps,
  recordStep,
  rowsOfStates,
  type StepState,
  startSteps,
  stateAt,
} from "./recurrent-steps.js";

/** A recurrent decoder that attends to its encoder at every step. */
export interface AttendingDecoder {
  readonly layers: readonly RecurrentLayer[];
  /** What the attentional state of the step before adds to the first layer's products; null without input feeding. */
  readonly feed: Linear | null;
  /** null: the hidden state itself is the query. */
  readonly query: Linear | null;
  /** The two halves of the map to the attentional state. */
  readonly context: Linear;
  readonly hidden: Linear;
  readonly width: number;
  /** How its states begin where no earlier batch left them. */
  readonly encoderStates: EncoderStates;
}

/** What the steps of attention share: one row per token, and the encoder's states of all sources. */
interface Attending {
  readonly run: Recording;
  readonly decoder: AttendingDecoder;
  /** The sites' name: `layers.1.cross`. */
  readonly at: string;
  readonly memory: Value;
  readonly memoryRows: Parameter;
  readonly queries: Value | null;
  readonly contexts: Value;
  readonly scores: Value | null;
  readonly out: Value;
}

/** Records all layers of a decoder, step by step. @returns attentional states, one row per token */
export function recordAttendingDecoder(run: Recording, embedded: Value, decoder: AttendingDecoder): Value {
  const { feed } = decoder;
  const first = recordLinear(run, embedded, decoder.layers[0]!.input);
  run.fork(); // the steps go through all layers, so that copies part before them
  const states = startStates(run, decoder);
  const layers = decoder.layers.map((layer, n) => startLayer(run, n, layer, first, states[n]!));
  const attending = startAttention(run, decoder);
  const fed = feed ? run.temporary(feed.outputs, run.request.capacity.sequences) : null;
  for (let t = 0; t < run.request.capacity.longest; t++) {
    const { rows } = run.step(t);
    if (feed && fed) {
      const before = t === 0 ? recordStartState(run, layers.length, 0) : atStep(attending, attending.out, t - 1);
      recordLinear(run, before, feed, { out: fed, rows });
    }
    layers.forEach((steps, n) => {
      if (n > 0)
        recordLinear(run, stateAt(layers[n - 1]!, t).hidden, steps.layer.input, {
          out: atStep(steps, steps.input, t),
          rows,
        });
      recordStep(steps, t, n === 0 && fed ? fed : undefined);
    });
    recordAttentionStep(attending, t, stateAt(layers.at(-1)!, t).hidden);
  }
  layers.forEach((steps, n) => {
    const { hidden, cell } = states[n]!; // steps change them in place
    recordEndState(run, n, 0, hidden);
    if (cell) recordEndState(run, n, 1, cell);
    keepSteps(steps);
  });
  if (feed) recordEndFeed(run, attending.out);
  keepAttention(attending);
  return attending.out;
}

/** The state that each layer begins with: an earlier batch's, or what the encoder ended with. */
function startStates(run: Recording, { layers, encoderStates }: AttendingDecoder): StepState[] {
  if (!run.request.continues) return recordEncoderStates(run, encoderStates);
  return layers.map(({ cell }, n) => ({
    hidden: recordStartState(run, n, 0),
    cell: cell === "lstm" ? recordStartState(run, n, 1) : null,
  }));
}

function startLayer(run: Recording, n: number, layer: RecurrentLayer, first: Value, state: StepState): RecurrentSteps {
  const inputs = n === 0 ? first : run.temporary(layer.input.outputs, rowsOfStates(run));
  const pass = { at: `layers.${n}`, number: n, members: "rowOfToken" } as const;
  return startSteps(run, pass, inputs, layer, { state, goesOn: true });
}

/** What the decoder attends to, and how many rows it has: they stay where texts go on. */
function recordMemory(run: Recording, width: number): { readonly memory: Value; readonly memoryRows: Parameter } {
  const source = run.source!;
  if (run.request.keepState) {
    const memory = run.remember("memory", source.output, { width, ofSources: true });
    return { memory, memoryRows: run.rowsRemembered(true) };
  }
  const memory = source.temporary(width);
  const sizes = { rows: source.tokens, width, sourceRows: source.tokens };
  run.recorder.record(gatherRowsKernel, { x: source.output!, index: source.field("rowOfToken"), out: memory }, sizes);
  return { memory, memoryRows: source.tokens };
}

function startAttention(run: Recording, decoder: AttendingDecoder): Attending {
  const { width } = decoder;
  const at = `layers.${decoder.layers.length - 1}.cross`;
  const rows = rowsOfStates(run);
  return {
    run,
    decoder,
    at,
    ...recordMemory(run, width),
    queries: decoder.query && run.temporary(width, rows),
    contexts: run.temporary(width, rows),
    scores: run.needs(`${at}.scores`) ? run.temporary(run.request.span, rows) : null,
    out: run.temporary(width, rows),
  };
}

function recordAttentionStep(whole: Attending, t: number, hidden: Value): void {
  const { run, decoder } = whole;
  const { rows } = run.step(t);
  const [context, out] = [atStep(whole, whole.contexts, t), atStep(whole, whole.out, t)];
  const query = recordQuery(whole, t, hidden);
  recordContext(whole, t, query, context);
  change(whole, t, "heads", context);
  const half = recordLinear(run, context, decoder.context, { rows });
  recordLinear(run, hidden, decoder.hidden, { out, rows, residual: half });
  const kind = activationKinds.indexOf("tanh");
  run.recorder.record(activationKernel, { out }, { rows, width: decoder.width }, { kind });
  change(whole, t, "out", out);
}

function recordQuery(whole: Attending, t: number, hidden: Value): Value {
  const { run, decoder, queries } = whole;
  if (!decoder.query || !queries) return hidden;
  const out = recordLinear(run, hidden, decoder.query, { out: atStep(whole, queries, t), rows: run.step(t).rows });
  change(whole, t, "query", out);
  return out;
}

/** Each sequence of a step is one query, and sees the tokens of its source. */
function recordContext(whole: Attending, t: number, query: Value, out: Value): void {
  const { run, memory, memoryRows, decoder, at } = whole;
  const { rows } = run.step(t);
  const weights = whole.scores && atStep(whole, whole.scores, t);
  const places = { offsets: run.field("rankOffsets"), ranges: run.field("rankRanges") };
  const span = weights ? run.request.span : 0;
  const sizes = { sequences: rows, tokens: rows, keyRows: memoryRows, longest: 1 };
  const shape = { heads: 1, keyHeads: 1, headWidth: decoder.width, span };
  run.recorder.record(
    attentionKernel,
    { query, key: memory, value: memory, ...places, out, ...(weights && { weights }) },
    { ...sizes, ...shape, window: 0, reach: 0, scale: 1, cap: 0 },
    { causal: 0 },
  );
  if (!weights || !run.request.intervened.has(`${at}.scores`)) return;
  change(whole, t, "scores", weights);
  run.recorder.record(attentionMixKernel, { weights, value: memory, ...places, out }, { ...sizes, ...shape });
}

function change({ run, at }: Attending, t: number, name: string, value: Value): void {
  const site = `${at}.${name}`;
  run.intervene(site, stepGroup(site, t), value, run.step(t).rows);
}

/** Keeps the sites of attention; scores in the order of the tokens. */
function keepAttention({ run, at, queries, contexts, scores, out }: Attending): void {
  if (queries) run.capture(`${at}.query`, queries);
  run.capture(`${at}.heads`, contexts);
  run.capture(`${at}.out`, out);
  if (!scores || !run.request.scores.has(`${at}.scores`)) return;
  const { span } = run.request;
  const sizes = { rows: run.tokens, width: span, sourceRows: run.tokens };
  const kept = run.scores(`${at}.scores`, span);
  run.recorder.record(gatherRowsKernel, { x: scores, index: run.field("rowOfToken"), out: kept }, sizes);
}
