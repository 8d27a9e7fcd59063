import type { Device, DeviceBuffer } from "../device/device.js";
import { type Batch, packSequences, packTimeMajor } from "./batch.js";
import { type Capacity, roundCapacity, roundUp } from "./capacity.js";
import { checkRequest } from "./check-request.js";
import { type CompiledPlan, PlanCache } from "./compiled-plan.js";
import { ForwardResult } from "./forward-result.js";
import { type InterventionTable, makeTable } from "./intervention-table.js";
import { type Forward, type ForwardRequest, NO_TARGET, type PooledRows } from "./model.js";
import { classifiesSequences, type Network } from "./network.js";
import { type PlanRequest, stateBlocks } from "./plan-request.js";
import { pieceSize } from "./predictions.js";
import { DeviceState } from "./recurrent-state.js";
import { placeOf, type StackBatches } from "./stacks.js";

/** One batch on its way to the device. */
interface Job {
  readonly request: ForwardRequest;
  readonly batch: Batch;
  /** What an encoder-decoder's encoder reads; null for other networks. */
  readonly source: Batch | null;
  readonly table: InterventionTable;
  /** Rows of the captured matrix; all tokens where nothing pools them. */
  readonly pooled: PooledRows;
  /** Packed tokens (of a sequence classifier: sequences) that have a target. */
  readonly targeted: Uint32Array;
}

/** Runs a network: packs batches, finds the plan that fits, and submits it once per batch. */
export class Engine implements Disposable {
  readonly #plans: PlanCache;
  readonly #zeros: DeviceBuffer | null;

  constructor(
    readonly device: Device,
    readonly network: Network,
  ) {
    this.#plans = new PlanCache(device, network);
    this.#zeros = network.recurrence && device.upload(new Float32Array(network.recurrence.width));
  }

  forward(request: ForwardRequest): Forward {
    checkRequest(this.network, request);
    const job = this.#prepare(request);
    const need = this.#need(job);
    const compiled = this.#plans.find(this.#planRequest(job, need), need);
    const result = new ForwardResult(this.device, this.network, { ...job, plan: compiled.request });
    this.device.write(compiled.inputs, compiled.recording.inputs.fill(fieldsOf(job, this.network, compiled.request)));
    if (compiled.vectors && job.table.vectors.length > 0) this.device.write(compiled.vectors, job.table.vectors);
    const buffers = { ...result.buffers, ...this.#given(compiled, request) };
    const parameters = parametersOf(job, compiled, this.network);
    result.start(this.device.submit(compiled.plan, { buffers, parameters }));
    return result;
  }

  [Symbol.dispose](): void {
    this.#plans[Symbol.dispose]();
    this.#zeros?.[Symbol.dispose]();
  }

  #prepare(request: ForwardRequest): Job {
    const { sequences, sources, interventions = [], capture, targets } = request;
    const pack = this.network.recurrence ? packTimeMajor : packSequences;
    const stacks = { batch: pack(sequences), source: sources ? pack(sources) : null };
    const place = (site: string) => placeOf(site, this.network, stacks);
    const table = makeTable(interventions, this.network.sites, place, roundUp(longestOf(stacks)));
    const tokens = capture ? place(capture.sites[0]!.name).batch.tokens : 0;
    const pooled = capture?.rows ?? eachToken(tokens);
    const targeted = targets ? findTargets(targets) : new Uint32Array(0);
    return { request, ...stacks, table, pooled, targeted };
  }

  #need({ batch, source, table, pooled, targeted }: Job): Capacity {
    return {
      tokens: batch.tokens,
      sequences: batch.sequences,
      longest: batch.longest,
      sourceTokens: source?.tokens ?? 0,
      sources: source?.sequences ?? 0,
      longestSource: source?.longest ?? 0,
      rows: pooled.starts.length,
      targets: targeted.length,
      entries: table.entries.length / 8,
      listed: table.listed.length,
      vectors: table.vectors.length,
    };
  }

  #planRequest({ request, source, table, pooled, targeted }: Job, need: Capacity): PlanRequest {
    const { capture, scores = [], compareWith, state } = request;
    const intervened = table.sites;
    const looked = [...intervened, ...scores].some((site) => site.endsWith(".scores"));
    const sites = capture?.sites ?? [];
    return {
      capacity: roundCapacity(need),
      captured: new Map(sites.map(({ name, offset }) => [name, offset])),
      columns: sites.reduce((sum, { width }) => sum + width, 0),
      pooling: pooled.pool,
      intervened,
      scores: new Set(scores),
      span: looked ? roundUp(Math.max(need.longest, need.longestSource)) : 0,
      losses: targeted.length > 0,
      compare: compareWith !== undefined,
      encoded: source !== null,
      classifiesSequences: classifiesSequences(this.network),
      recurrence: this.network.recurrence,
      keepState: state !== undefined,
    };
  }

  /** Buffers that a plan reads besides its weights. */
  #given({ recording, inputs, vectors }: CompiledPlan, { state }: ForwardRequest): Record<string, DeviceBuffer> {
    const given = state instanceof DeviceState ? state.buffer : this.#zeros;
    const all = { inputs, vectors, state: given };
    const wanted = Object.entries(all).filter(([name]) => recording.recorder.externals.has(name));
    return Object.fromEntries(wanted.filter((entry): entry is [string, DeviceBuffer] => entry[1] !== null));
  }
}

function longestOf({ batch, source }: StackBatches): number {
  return Math.max(batch.longest, source?.longest ?? 0);
}

function eachToken(tokens: number): PooledRows {
  const starts = Uint32Array.from({ length: tokens }, (_, token) => token);
  return { starts, ends: starts.map((start) => start + 1), pool: "first" };
}

function findTargets(targets: Uint32Array): Uint32Array {
  return Uint32Array.from([...targets.keys()].filter((row) => targets[row] !== NO_TARGET));
}

/** The sequence that each of some packed tokens belongs to. */
function sequencesOf(tokens: Uint32Array, starts: Uint32Array): Uint32Array {
  const sequences = new Uint32Array(starts.at(-1)!);
  for (let s = 0; s + 1 < starts.length; s++) sequences.fill(s, starts[s], starts[s + 1]);
  return tokens.map((token) => sequences[token]!);
}

/** The whole numbers of a batch, field by field; see `fieldsOf` in plan-request.ts. */
function fieldsOf(job: Job, network: Network, plan: PlanRequest): Record<string, ArrayLike<number>> {
  const { request, batch, source, table, pooled, targeted } = job;
  const rowOf = (token: number) => batch.rowOfToken?.[token] ?? token;
  const reads = network.head?.reads;
  return {
    ids: batch.ids,
    positions: batch.positions,
    offsets: batch.starts,
    ...(source && { "source ids": source.ids, "source positions": source.positions, "source offsets": source.starts }),
    ...(source && { sourceRanges: sourceRangesOf(batch, source) }),
    ...(plan.captured.size > 0 && { poolStarts: pooled.starts, poolEnds: pooled.ends }),
    ...(reads && { readRows: request.sequences.map((ids, s) => rowOf(batch.starts[s]! + reads(ids))) }),
    ...(reads && plan.captured.size > 0 && { rowSequences: sequencesOf(pooled.starts, batch.starts) }),
    ...(batch.rowOfToken && { rowOfToken: batch.rowOfToken, ranks: batch.ranks }),
    ...(network.recurrence && { stateRows: stateRowsOf(job, stateBlocks(network.recurrence), plan) }),
    ...(plan.losses && {
      targets: targeted.map((token) => request.targets![token]!),
      targetRows: plan.classifiesSequences ? targeted : targeted.map(rowOf),
    }),
    ...(plan.losses && plan.compare && { comparedTargets: comparedTargets(job, plan) }),
    ...(plan.compare && { comparedRows: comparedRows(job, rowOf) }),
    ...(table.entries.length > 0 && { entries: table.entries }),
    ...(table.listed.length > 0 && { listed: table.listed }),
  };
}

/** For each sequence no prefix, and the tokens of its source: what cross-attention sees. */
function sourceRangesOf({ sequences }: Batch, { starts }: Batch): Uint32Array {
  return Uint32Array.from({ length: 4 * sequences }, (_, i) => (i % 4 < 2 ? 0 : starts[Math.floor(i / 4) + (i % 2)]!));
}

/** For each state vector and each place in a time step: its row of the given state, or none. */
function stateRowsOf({ request, batch }: Job, blocks: number, { capacity }: PlanRequest): Uint32Array {
  const rows = new Uint32Array(blocks * capacity.sequences).fill(0xffffffff);
  if (!(request.state instanceof DeviceState)) return rows;
  for (let block = 0; block < blocks; block++) {
    batch.ranks.forEach((rank, sequence) => {
      rows[block * capacity.sequences + rank] = block * batch.sequences + sequence;
    });
  }
  return rows;
}

/** The packed token that each packed token is compared with. */
function counterparts({ request, batch }: Job): Uint32Array {
  const tokens = new Uint32Array(batch.tokens);
  request.compareWith!.forEach((other, sequence) => {
    const [start, end] = [batch.starts[sequence]!, batch.starts[sequence + 1]!];
    for (let token = start; token < end; token++) tokens[token] = batch.starts[other]! + token - start;
  });
  return tokens;
}

function comparedTargets(job: Job, { classifiesSequences }: PlanRequest): Uint32Array {
  const places = new Map(Array.from(job.targeted, (row, place) => [row, place]));
  const others = classifiesSequences ? job.request.compareWith! : counterparts(job);
  return job.targeted.map((row) => places.get(others[row]!) ?? NO_TARGET);
}

function comparedRows(job: Job, rowOf: (token: number) => number): Uint32Array {
  const rows = new Uint32Array(job.batch.tokens);
  counterparts(job).forEach((other, token) => {
    rows[rowOf(token)] = rowOf(other);
  });
  return rows;
}

/** The numbers of a batch, for the parameters that its plan has. */
function parametersOf(job: Job, { recording }: CompiledPlan, network: Network): Record<string, number> {
  const { batch, source, table, pooled, request, targeted } = job;
  const numbers = new Map<string, number>([
    ["tokens", batch.tokens],
    ["sequences", batch.sequences],
    ["longest", batch.longest],
    ["source tokens", source?.tokens ?? 0],
    ["source sequences", source?.sequences ?? 0],
    ["source longest", source?.longest ?? 0],
    ["rows", pooled.starts.length],
    ["matrix row", request.capture?.into?.row ?? 0],
    ["state rows", request.state instanceof DeviceState ? request.state.rows : 1],
  ]);
  for (const [group, { first, count }] of table.groups)
    numbers.set(`first ${group}`, first).set(`count ${group}`, count);
  for (const [t, [first, end]] of batch.steps.entries()) numbers.set(`row@${t}`, first).set(`rows@${t}`, end - first);
  const size = pieceSize(recording.request, network.head?.width ?? 1);
  for (let i = 0; i * size < targeted.length; i++)
    numbers.set(`targets@${i}`, Math.min(size, targeted.length - i * size));
  const blocks = network.recurrence ? stateBlocks(network.recurrence) : 0;
  for (let block = 0; block < blocks; block++) numbers.set(`state block ${block}`, block * batch.sequences);
  return Object.fromEntries(recording.recorder.parameters.map((name) => [name, numbers.get(name) ?? 0]));
}
