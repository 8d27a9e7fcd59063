import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Parameter, rowsOf, type Value } from "../device/plan.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { entryWords, interveneKernel } from "../kernels/intervene.js";
import { poolings, poolRowsKernel } from "../kernels/pool-rows.js";
import { scatterRowsKernel } from "../kernels/scatter-rows.js";
import type { Remembered } from "./key-cache.js";
import type { PlanInputs } from "./plan-inputs.js";
import { inStack, inStage, isBeforeCopies, type PlanRequest, requestOf, type Stack, type Stage, stageBehind } from "./plan-request.js"; // biome-ignore format: one line
import { type SharedPlan, sharePlan } from "./shared-plan.js";
import type { StagedRecorder } from "./staged-recorder.js";

/**
 * A plan in the making: a network records its layers into it, and announces every site that it reaches. Tokens, sites
 * and the capacities of `request` are those of the network, or of an encoder-decoder's decoder; the encoder records
 * into `source`, where all of them are its own. Sites are named without `encoder.` and `decoder.`.
 */
export class Recording {
  readonly recorder: StagedRecorder;
  readonly inputs: PlanInputs;
  readonly longest: Parameter;
  /** Where an encoder-decoder's encoder records; null for every other network. */
  readonly source: Recording | null;
  /** What this stack ended with, where it is an encoder: rows × width, for the decoder to attend to. */
  output: Value | null = null;
  /** The states behind its last step, by layer, where it is a recurrent encoder: a row per sequence. */
  readonly lastStates: { readonly hidden: Value; readonly cell: Value | null }[] = [];
  readonly #stack: Stack;
  readonly #whole: PlanRequest;
  #stage: Stage;
  readonly #shared: SharedPlan;

  constructor(request: PlanRequest, encoderOf?: Recording) {
    this.#stack = encoderOf ? "encoder." : request.encoded ? "decoder." : "";
    this.#shared = encoderOf ? encoderOf.#shared : sharePlan(request);
    this.#whole = requestOf(request, this.#stack);
    this.#stage = encoderOf || request.forkedAt === null ? "copies" : "texts"; // copies share their text's source
    this.recorder = this.#shared.recorder;
    this.inputs = this.#shared.inputs;
    this.longest = this.recorder.parameter(inStack(this.#stack, "longest"));
    this.source = request.encoded && !encoderOf ? new Recording(request, this) : null;
  }

  /** What is asked of the plan, with the capacities of the present stage. */
  get request(): PlanRequest {
    return inStage(this.#whole, this.#stage);
  }

  /** How many rows there are: a token each, or, at the end, what is read of each sequence. */
  get tokens(): Parameter {
    const read = this.#whole.classifiesSequences ? "sequences" : "targets";
    return this.recorder.parameter(this.#stage === "read" ? read : this.#named("tokens"));
  }

  /** Whether the rows are of texts whose copies have not parted yet. */
  get isOfTexts(): boolean {
    return this.#stage === "texts";
  }

  get sequences(): Parameter {
    return this.recorder.parameter(this.#named("sequences"));
  }

  /** How many runs of rows attention takes as a sequence each: more where copies share rows. */
  get runs(): Parameter {
    return this.recorder.parameter(this.#named("runs"));
  }

  /** Whether rows are those that the head reads, and no others. */
  get readsOnly(): boolean {
    return this.#stage === "read";
  }

  /** New memory: rows × columns float32, as many rows as there may be tokens where left out. */
  temporary(columns: number, rows = this.request.capacity.tokens): Value {
    const shape = [rows, columns];
    return this.#stack === "encoder." ? this.recorder.lasting("f32", shape) : this.recorder.temporary("f32", shape);
  }

  /** Weights as an operand. */
  constant(buffer: DeviceBuffer, shape: readonly number[]): Value {
    return this.recorder.constant(buffer, "f32", shape);
  }

  /** Whole numbers that come with the batch. */
  field(name: string): Value {
    const own = this.#named(name);
    return this.inputs.window(this.#shared.external, this.inputs.has(own) ? own : name);
  }

  /** The angles of rotary positions that come with the batch: a row per token. */
  angles(): Value {
    const { capacity, angles } = this.request;
    const shape = [capacity.tokens, angles] as const;
    return { ...this.inputs.window(this.#shared.external, this.#named("angles"), shape), type: "f32" };
  }

  /** Time step t of a recurrent network: its first row, and how many it has. */
  step(t: number): { readonly first: Parameter; readonly rows: Parameter } {
    const parameter = (name: string) => this.recorder.parameter(this.#named(`${name}@${t}`));
    return { first: parameter("row"), rows: parameter("rows") };
  }

  /** Whether a site's output must be there as it is named: someone captures it or changes it. */
  needs(site: string): boolean {
    return this.request.captured.has(site) || this.request.intervened.has(site) || this.request.scores.has(site);
  }

  /** A site's output has been computed, one row per token: changes it and keeps it, if that was asked for. */
  site(name: string, value: Value): void {
    const { forkedAt, joinsAt, readAt, fewChanged, classifiesSequences } = this.#whole;
    if (name === forkedAt || joinsAt.includes(name)) this.#part();
    this.intervene(name, name, value, this.tokens);
    this.capture(name, value);
    if (name === forkedAt && fewChanged) this.recorder.descend(value, { kind: "changed" });
    if (name !== readAt) return; // from there on only the rows that the head reads go on
    const index = classifiesSequences ? "readRows" : "targetRows";
    this.#advance("read", index, forkedAt === null ? index : "readTextRows");
  }

  /** Records steps over the texts whose copies have gone their own ways. */
  ofTexts<T>(record: () => T): T {
    const stage = this.#stage;
    this.#stage = "texts";
    const recorded = this.recorder.atFirst(record);
    this.#stage = stage;
    return recorded;
  }

  /** From here on every copy of the texts goes its own way, if that has not begun. */
  fork(): void {
    while (isBeforeCopies(this.#stage)) this.#part();
  }

  /** From here on the copies that change next go their own ways too. */
  #part(): void {
    if (!isBeforeCopies(this.#stage)) return;
    const origin = this.#stage === "texts" ? "rowsBefore" : null;
    this.#advance(stageBehind(this.#stage, this.#whole), "rowsBefore", origin);
  }

  #advance(stage: Stage, index: string, origin: string | null): void {
    const sourceRows = this.tokens;
    this.#stage = stage;
    const sizes = { rows: this.tokens, sourceRows, capacity: this.request.capacity.tokens };
    this.recorder.advance({ index: this.field(index), origin: origin === null ? null : this.field(origin), ...sizes });
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

  /**
   * Records that a site is kept: its rows, or what they pool to, go to the site's columns of the matrix.
   *
   * @param members recurrent networks: the field that says which row each packed token has
   */
  capture(site: string, value: Value, sourceRows = this.tokens, members = "rowOfToken"): void {
    const { pooling, recurrence } = this.request;
    const place = this.#placeOf(site, value);
    if (!place) return;
    const [starts, ends] = [this.field("poolStarts"), this.field("poolEnds")];
    const operands = { x: value, starts, ends, ...(recurrence && { members: this.field(members) }), out: place };
    const sizes = { rows: this.recorder.parameter("rows"), width: value.shape[1]!, sourceRows };
    this.recorder.record(poolRowsKernel, operands, sizes, { kind: poolings.indexOf(pooling) });
  }

  /** The name of a parameter or field that this stack and stage may have of their own. */
  #named(name: string): string {
    return isBeforeCopies(this.#stage) ? `${this.#stage} ${name}` : inStack(this.#stack, name);
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
