import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Parameter, Recorder, rowsOf, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { entryWords, interveneKernel } from "../kernels/intervene.js";
import { poolings, poolRowsKernel } from "../kernels/pool-rows.js";
import type { Capacity } from "./capacity.js";
import type { Pooling } from "./model.js";
import type { Recurrence } from "./network.js";
import { PlanInputs } from "./plan-inputs.js";

/** What one plan does, besides running the network: plans are cached by this. */
export interface PlanRequest {
  readonly capacity: Capacity;
  /** Captured site → its first column in the matrix. */
  readonly captured: ReadonlyMap<string, number>;
  /** Columns of the captured matrix. */
  readonly columns: number;
  readonly pooling: Pooling;
  readonly intervened: ReadonlySet<string>;
  /** Sites of attention scores that are kept. */
  readonly scores: ReadonlySet<string>;
  /** Columns per head of attention scores; 0 where nobody looks at them. */
  readonly span: number;
  readonly losses: boolean;
  readonly compare: boolean;
  /** Recurrent networks: rows lie by time step. */
  readonly recurrence: Recurrence | null;
  /** Whether the recurrent state goes on to the next batch. */
  readonly keepState: boolean;
}

/** A plan in the making: a network records its layers into it, and announces every site that it reaches. */
export class Recording {
  readonly recorder = new Recorder();
  readonly tokens: Parameter;
  readonly sequences: Parameter;
  readonly longest: Parameter;
  readonly inputs: PlanInputs;
  readonly #external: Value;
  readonly #matrix: Value | null;
  readonly #vectors: Value | null;
  #state: Value | undefined;
  #nextState: Value | undefined;

  constructor(readonly request: PlanRequest) {
    const { capacity, captured, columns } = request;
    this.tokens = this.recorder.parameter("tokens");
    this.sequences = this.recorder.parameter("sequences");
    this.longest = this.recorder.parameter("longest");
    this.inputs = new PlanInputs(fieldsOf(request));
    this.#external = this.inputs.external(this.recorder);
    this.#matrix = captured.size > 0 ? this.recorder.external("captured", "f32", [capacity.rows, columns]) : null;
    this.#vectors = capacity.vectors > 0 ? this.recorder.external("vectors", "f32", [capacity.vectors]) : null;
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
    return this.inputs.window(this.#external, name);
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

  /**
   * Records the changes of a site, in place.
   *
   * @param group which entries of the table: the site's, or those of one time step
   */
  intervene(site: string, group: string, value: Value, rows: Parameter): void {
    const { intervened, capacity } = this.request;
    if (!intervened.has(site)) return;
    const table = this.inputs.window(this.#external, "entries", [capacity.entries, entryWords]);
    this.recorder.record(
      interveneKernel,
      {
        x: value,
        entries: rowsOf(table, this.recorder.parameter(`first ${group}`), capacity.entries),
        ...(capacity.listed > 0 && { columns: this.field("listed") }),
        ...(this.#vectors && { values: this.#vectors }),
      },
      { rows, width: value.shape[1]!, count: this.recorder.parameter(`count ${group}`) },
    );
  }

  /** Memory for the softmax weights of a layer, where they are kept or changed: one row per token. */
  scores(site: string, columns: number): Value {
    const { scores, capacity } = this.request;
    if (!scores.has(site)) return this.temporary(columns);
    return this.recorder.external(site, "f32", [capacity.tokens, columns]);
  }

  /** A layer's state before the first step, longest sequence first: what the batch was given, or zeros. */
  startState(layer: number, vector: number): Value {
    const { recurrence, capacity } = this.request;
    const { width } = recurrence!;
    const block = stateBlock(recurrence!, layer, vector);
    this.#state ??= this.recorder.external("state", "f32", [1, width]);
    const out = this.temporary(width, capacity.sequences);
    const index = rowsOf(this.field("stateRows"), block * capacity.sequences, capacity.sequences);
    const sizes = { rows: this.sequences, width, sourceRows: this.recorder.parameter("state rows") };
    this.recorder.record(gatherRowsKernel, { x: this.#state, index, out }, sizes);
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

  /** Records that a site is kept: its rows, or what they pool to, go to the site's columns of the matrix. */
  capture(site: string, value: Value): void {
    const { captured, pooling, capacity, recurrence } = this.request;
    const column = captured.get(site);
    if (column === undefined || !this.#matrix) return;
    const width = value.shape[1]!;
    const rows = rowsOf(this.#matrix, this.recorder.parameter("matrix row"), capacity.rows);
    this.recorder.record(
      poolRowsKernel,
      {
        x: value,
        starts: this.field("poolStarts"),
        ends: this.field("poolEnds"),
        ...(recurrence && { members: this.field("rowOfToken") }),
        out: columnsOf(rows, column, width),
      },
      { rows: this.recorder.parameter("rows"), width, sourceRows: this.tokens },
      { kind: poolings.indexOf(pooling) },
    );
  }
}

/** Vectors per sequence that a recurrent state has. */
export function stateBlocks({ layers, vectors }: Recurrence): number {
  return layers * vectors;
}

function stateBlock({ vectors }: Recurrence, layer: number, vector: number): number {
  return layer * vectors + vector;
}

function fieldsOf({ capacity, recurrence, losses, compare, captured }: PlanRequest): Record<string, number> {
  const { tokens, sequences, rows, targets, entries, listed } = capacity;
  return {
    ids: tokens,
    positions: tokens,
    types: tokens,
    offsets: sequences + 1,
    ...(captured.size > 0 && { poolStarts: rows, poolEnds: rows }),
    ...(recurrence && { rowOfToken: tokens, ranks: sequences, stateRows: sequences * stateBlocks(recurrence) }),
    ...(losses && { targets, targetRows: targets }),
    ...(losses && compare && { comparedTargets: targets }),
    ...(compare && { comparedRows: tokens }),
    entries: 2 * entries * entryWords, // a site's window starts at its first entry
    listed,
  };
}
