import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Parameter, Recorder, rowsOf, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { entryWords, interveneKernel } from "../kernels/intervene.js";
import { poolings, poolRowsKernel } from "../kernels/pool-rows.js";
import { scatterRowsKernel } from "../kernels/scatter-rows.js";
import type { Remembered } from "./key-cache.js";
import type { Recurrence } from "./network.js";
import { PlanInputs } from "./plan-inputs.js";
import { fieldsOf, inStack, type PlanRequest, requestOf, type Stack } from "./plan-request.js";

/** What both stacks of a plan share. */
interface Shared {
  readonly recorder: Recorder;
  readonly inputs: PlanInputs;
  readonly external: Value;
  readonly matrix: Value | null;
  readonly vectors: Value | null;
  readonly remembered: Map<string, Remembered>;
  /** The recurrent state that the batch was given, or a row of zeros, once someone asks for it. */
  state?: Value;
}

/**
 * A plan in the making: a network records its layers into it, and announces every site that it reaches. Tokens, sites
 * and the capacities of `request` are those of the network, or of an encoder-decoder's decoder; the encoder records
 * into `source`, where all of them are its own. Sites are named without `encoder.` and `decoder.`.
 */
export class Recording {
  readonly request: PlanRequest;
  readonly recorder: Recorder;
  readonly inputs: PlanInputs;
  readonly tokens: Parameter;
  readonly sequences: Parameter;
  readonly longest: Parameter;
  /** Where an encoder-decoder's encoder records; null for every other network. */
  readonly source: Recording | null;
  /** What this stack ended with, where it is an encoder: rows × width, for the decoder to attend to. */
  output: Value | null = null;
  /** The states behind its last step, by layer, where it is a recurrent encoder: a row per sequence. */
  readonly lastStates: { readonly hidden: Value; readonly cell: Value | null }[] = [];
  readonly #stack: Stack;
  readonly #shared: Shared;
  #nextState: Value | undefined;

  constructor(request: PlanRequest, encoderOf?: Recording) {
    this.#stack = encoderOf ? "encoder." : request.encoded ? "decoder." : "";
    this.#shared = encoderOf ? encoderOf.#shared : share(request);
    this.request = requestOf(request, this.#stack);
    this.recorder = this.#shared.recorder;
    this.inputs = this.#shared.inputs;
    this.tokens = this.recorder.parameter(inStack(this.#stack, "tokens"));
    this.sequences = this.recorder.parameter(inStack(this.#stack, "sequences"));
    this.longest = this.recorder.parameter(inStack(this.#stack, "longest"));
    this.source = request.encoded && !encoderOf ? new Recording(request, this) : null;
  }

  /** New memory: rows × columns float32, as many rows as there may be tokens where left out. */
  temporary(columns: number, rows = this.request.capacity.tokens): Value {
    return this.recorder.temporary("f32", [rows, columns]);
  }

  /** Weights as an operand. */
  constant(buffer: DeviceBuffer, shape: readonly number[]): Value {
    return this.recorder.constant(buffer, "f32", shape);
  }

  /** Whole numbers that come with the batch. */
  field(name: string): Value {
    const own = inStack(this.#stack, name);
    return this.inputs.window(this.#shared.external, this.inputs.has(own) ? own : name);
  }

  /** The angles of rotary positions that come with the batch: a row per token. */
  angles(): Value {
    const { capacity, angles } = this.request;
    return { ...this.inputs.window(this.#shared.external, "angles", [capacity.tokens, angles]), type: "f32" };
  }

  /** Time step t of a recurrent network: its first row, and how many it has. */
  step(t: number): { readonly first: Parameter; readonly rows: Parameter } {
    const parameter = (name: string) => this.recorder.parameter(inStack(this.#stack, `${name}@${t}`));
    return { first: parameter("row"), rows: parameter("rows") };
  }

  /** Whether a site's output must be there as it is named: someone captures it or changes it. */
  needs(site: string): boolean {
    return this.request.captured.has(site) || this.request.intervened.has(site) || this.request.scores.has(site);
  }

  /** A site's output has been computed, one row per token: changes it and keeps it, if that was asked for. */
  site(name: string, value: Value): void {
    this.intervene(name, name, value, this.tokens);
    this.capture(name, value);
  }

  /** The same for a site with one row per sequence. */
  siteOfSequences(name: string, value: Value): void {
    this.intervene(name, name, value, this.sequences);
    const place = this.#placeOf(name, value);
    if (!place) return;
    const sizes = { rows: this.recorder.parameter("rows"), width: value.shape[1]!, sourceRows: this.sequences };
    this.recorder.record(gatherRowsKernel, { x: value, index: this.field("rowSequences"), out: place }, sizes);
  }

  /** The same for a decoder's site whose rows are tokens of the sources. */
  siteOfSources(name: string, value: Value): void {
    const { tokens } = this.source!;
    this.intervene(name, name, value, tokens);
    this.capture(name, value, tokens);
  }

  /**
   * Records the changes of a site, in place.
   *
   * @param group which entries of the table: the site's, or those of one time step
   */
  intervene(site: string, group: string, value: Value, rows: Parameter): void {
    const { intervened, capacity } = this.request;
    if (!intervened.has(site)) return;
    const table = this.inputs.window(this.#shared.external, "entries", [capacity.entries, entryWords]);
    this.recorder.record(
      interveneKernel,
      {
        x: value,
        entries: rowsOf(table, this.recorder.parameter(`first ${this.#stack}${group}`), capacity.entries),
        ...(capacity.listed > 0 && { columns: this.field("listed") }),
        ...(this.#shared.vectors && { values: this.#shared.vectors }),
      },
      { rows, width: value.shape[1]!, count: this.recorder.parameter(`count ${this.#stack}${group}`) },
    );
  }

  /** What the plan keeps of every token, by name. */
  get remembered(): ReadonlyMap<string, Remembered> {
    return this.#shared.remembered;
  }

  /**
   * Records that rows of new tokens are kept for tokens to come.
   *
   * @param value null where an earlier batch has kept them all: of sources
   * @param ofSources whether they are of an encoder's tokens
   * @returns the rows of all tokens; which ones a sequence has is in the field `cacheRanges` or `sourceRanges`
   */
  remember(name: string, value: Value | null, { width, ofSources }: Remembered): Value {
    this.#shared.remembered.set(name, { width, ofSources });
    const all = this.recorder.external(name, "f32", [1, width]);
    if (!value) return all;
    const [rows, index] = ofSources ? [this.source!.tokens, "sourceCacheRows"] : [this.tokens, "cacheRows"];
    const targetRows = this.rowsRemembered(ofSources);
    const operands = { x: value, index: this.field(index), out: all };
    this.recorder.record(scatterRowsKernel, operands, { rows, width, targetRows });
    return all;
  }

  /** Rows of what is remembered, of all sequences together. */
  rowsRemembered(ofSources: boolean): Parameter {
    return this.recorder.parameter(ofSources ? "source cache rows" : "cache rows");
  }

  /** Memory for the softmax weights of a layer, where they are kept or changed: one row per token. */
  scores(site: string, columns: number): Value {
    const { scores, capacity } = this.request;
    if (!scores.has(site)) return this.temporary(columns);
    return this.recorder.external(this.#stack + site, "f32", [capacity.tokens, columns]);
  }

  /** A layer's state before the first step, longest sequence first: what the batch was given, or zeros. */
  startState(layer: number, vector: number): Value {
    const { recurrence, capacity } = this.request;
    const { width } = recurrence!;
    const block = stateBlock(recurrence!, layer, vector);
    this.#shared.state ??= this.recorder.external("state", "f32", [1, width]);
    const out = this.temporary(width, capacity.sequences);
    const index = rowsOf(this.field("stateRows"), block * capacity.sequences, capacity.sequences);
    const sizes = { rows: this.sequences, width, sourceRows: this.recorder.parameter("state rows") };
    this.recorder.record(gatherRowsKernel, { x: this.#shared.state, index, out }, sizes);
    return out;
  }

  /** Keeps a layer's state after the last step, in the order of the sequences. */
  endState(layer: number, vector: number, state: Value): void {
    const { recurrence, keepState, capacity } = this.request;
    if (!keepState) return;
    const { width } = recurrence!;
    this.#nextState ??= this.recorder.external("next state", "f32", [capacity.sequences, width]);
    const first = this.recorder.parameter(`state block ${stateBlock(recurrence!, layer, vector)}`);
    const out = rowsOf(this.#nextState, first, capacity.sequences);
    const sizes = { rows: this.sequences, width, sourceRows: this.sequences };
    this.recorder.record(gatherRowsKernel, { x: state, index: this.field("ranks"), out }, sizes);
  }

  /**
   * Records that a site is kept: its rows, or what they pool to, go to the site's columns of the matrix.
   *
   * @param members recurrent networks: the field that says which row each packed token has
   */
  capture(site: string, value: Value, sourceRows = this.tokens, members = "rowOfToken"): void {
    const { pooling, recurrence } = this.request;
    const place = this.#placeOf(site, value);
    if (!place) return;
    this.recorder.record(
      poolRowsKernel,
      {
        x: value,
        starts: this.field("poolStarts"),
        ends: this.field("poolEnds"),
        ...(recurrence && { members: this.field(members) }),
        out: place,
      },
      { rows: this.recorder.parameter("rows"), width: value.shape[1]!, sourceRows },
      { kind: poolings.indexOf(pooling) },
    );
  }

  /** Where a site's rows go in the captured matrix; null where it is not kept. */
  #placeOf(site: string, value: Value): Value | null {
    const { captured, capacity } = this.request;
    const column = captured.get(site);
    if (column === undefined || !this.#shared.matrix) return null;
    const rows = rowsOf(this.#shared.matrix, this.recorder.parameter("matrix row"), capacity.rows);
    return columnsOf(rows, column, value.shape[1]!);
  }
}

function share(request: PlanRequest): Shared {
  const { capacity, captured, columns } = request;
  const recorder = new Recorder();
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

function stateBlock({ vectors }: Recurrence, layer: number, vector: number): number {
  return layer * vectors + vector;
}
