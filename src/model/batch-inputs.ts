import { NO_ROW } from "../kernels/gather-rows.js";
import { entryWords } from "../kernels/intervene.js";
import { type Batch, lengthOf } from "./batch.js";
import type { Changes } from "./changed-heads.js";
import type { CompiledPlan } from "./compiled-plan.js";
import type { InterventionTable } from "./intervention-table.js";
import { type CacheState, rowsInCache, sourceRowsInCache } from "./key-cache.js";
import { type ForwardRequest, NO_TARGET, type PooledRows } from "./model.js";
import type { BatchAngles, Network } from "./network.js";
import { type PlanRequest, stateBlocks } from "./plan-request.js";
import { pieceSize } from "./predictions.js";
import { recurrentFields, reversalOf } from "./recurrent-inputs.js";
import { DeviceState } from "./recurrent-state.js";
import { mixRowsOf, readTokensOf, targetTokensOf, textRowsOf } from "./rows-of-copies.js";
import { keyRanges, type RowRuns, runsOfRows } from "./shared-rows.js";
import type { StackBatches } from "./stacks.js";
import type { Targeted } from "./targeted.js";

/** One batch on its way to the device. */
export interface Job extends StackBatches, Changes {
  readonly request: ForwardRequest;
  readonly table: InterventionTable;
  /** Rows of the captured matrix; all tokens where nothing pools them. */
  readonly pooled: PooledRows;
  readonly targeted: Targeted;
  /** The texts that the batch holds copies of, and the site up to which these are one; null where it holds none. */
  readonly texts: Batch | null;
  readonly forkedAt: string | null;
  readonly closedForm: PlanRequest["closedForm"];
  /** The site behind which only those rows go on that the head reads. */
  readonly readAt: string | null;
}

/** The sequence that each of some packed tokens belongs to. */
function sequencesOf(tokens: Uint32Array, starts: Uint32Array): Uint32Array {
  const sequences = new Uint32Array(starts.at(-1)!);
  for (let s = 0; s + 1 < starts.length; s++) sequences.fill(s, starts[s], starts[s + 1]);
  return tokens.map((token) => sequences[token]!);
}

/** The whole numbers of a batch, field by field; see `fieldsOf` in plan-request.ts. */
export function batchFields(job: Job, network: Network, plan: PlanRequest): Record<string, ArrayLike<number>> {
  const { request, batch, source, sourceOf, cached, table, pooled, targeted } = job;
  const rowOf = (token: number) => batch.rowOfToken?.[token] ?? token;
  const runs = runsOfRows(batch);
  const reads = network.head?.reads;
  return {
    ids: batch.ids,
    positions: batch.positions,
    ...(request.types && { types: byRow(request.types, batch) }),
    offsets: network.recurrence ? batch.starts : runs.starts,
    ...(plan.sharesRows && { keyRanges: keyRanges(batch) }),
    ...(network.angles && anglesOf(network.angles, batch)),
    ...(job.texts && source && { "texts sourceRanges": sourceRangesOf(runsOfRows(job.texts), source, sourceOf) }),
    ...(job.texts && fieldsOfTexts(job, job.texts, network, plan)),
    ...(batch.parents && { parents: batch.parents }),
    ...(source && { "source ids": source.ids, "source positions": source.positions, "source offsets": source.starts }),
    ...(source && { sourceRanges: sourceRangesOf(runs, source, sourceOf) }),
    ...(cached && !network.recurrence && cacheFields(job, cached)),
    ...(plan.captured.size > 0 && { poolStarts: pooled.starts, poolEnds: pooled.ends }),
    ...(reads && { readRows: request.sequences.map((ids, s) => rowOf(batch.starts[s]! + reads(ids))) }),
    ...(reads && plan.captured.size > 0 && { rowSequences: sequencesOf(pooled.starts, batch.starts) }),
    ...(network.recurrence && recurrentFields(job, network, plan)),
    ...(plan.losses && {
      targets: targeted.read.map((token) => request.targets![token]!),
      targetRows: plan.classifiesSequences ? targeted.read : targeted.read.map(rowOf),
    }),
    ...(plan.keepLogits && { targetNumbers: targeted.read.map((_, place) => place) }),
    ...(plan.compare && comparedFields(job, plan)),
    ...(table.entries.length > 0 && { entries: table.entries }),
    ...(table.listed.length > 0 && { listed: table.listed }),
  };
}

/** The texts, and the row among theirs of every row of their copies. */
function fieldsOfTexts(
  job: Job,
  texts: Batch,
  network: Network,
  { capacity, closedForm }: PlanRequest,
): Record<string, ArrayLike<number>> {
  const { request, batch, readAt } = job;
  const { recurrence } = network;
  const ofTexts = (tokens: Uint32Array) => tokens.map((token) => token % texts.tokens);
  const { angles: own, angleRows } = network.angles ? anglesOf(network.angles, texts) : {};
  return {
    "texts ids": texts.ids,
    "texts positions": texts.positions,
    ...(request.types && { "texts types": request.types.subarray(0, texts.tokens) }),
    "texts offsets": texts.starts,
    ...(own && { "texts angles": own }),
    ...(angleRows && { "texts angleRows": angleRows }),
    ...(recurrence && { "texts stateRows": new Uint32Array(stateBlocks(recurrence) * capacity.texts).fill(NO_ROW) }),
    ...(recurrence?.directions === 2 && { "texts reversal": reversalOf(texts).reversal }),
    textRows: textRowsOf(batch, texts),
    ...(readAt !== null && { readTextRows: ofTexts(readTokensOf(job, network)) }),
    ...(job.headEntries.length > 0 && { headEntries: job.headEntries }),
    ...(closedForm && { neurons: job.changed.neurons }),
    ...(closedForm === "one" && mixRowsOf(job, texts, network)),
    ...(closedForm === "several" && { targetTextRows: ofTexts(targetTokensOf(job, network)) }),
  };
}

/** The angles of rotary positions, bit for bit, by row. */
function anglesOf(angles: BatchAngles, batch: Batch): Record<string, ArrayLike<number>> {
  const rows = Uint32Array.from({ length: batch.rows }, (_, row) => row);
  return { angles: byRow(new Uint32Array(angles.of(batch).buffer), batch, angles.width), angleRows: rows };
}

/** What packed tokens have, `width` numbers each, by the rows that they lie in. */
function byRow(ofTokens: Uint32Array, { rows, rowOfToken }: Batch, width = 1): Uint32Array {
  if (!rowOfToken) return ofTokens;
  const ofRows = new Uint32Array(rows * width);
  rowOfToken.forEach((row, token) => {
    if (row !== NO_ROW) ofRows.set(ofTokens.subarray(token * width, (token + 1) * width), row * width);
  });
  return ofRows;
}

/** For each run no prefix, and the tokens of its source: what cross-attention sees. */
function sourceRangesOf({ sequences }: RowRuns, { starts }: Batch, sourceOf: Uint32Array): Uint32Array {
  const numbers = Array.from(sequences, (s) => sourceOf[s]!);
  return Uint32Array.from(numbers.flatMap((number) => [0, 0, starts[number]!, starts[number + 1]!]));
}

/** Where the keys and values of new tokens go, and where those of all tokens are. */
function cacheFields({ batch, source }: Job, state: CacheState): Record<string, Uint32Array> {
  const { cache, places, sources } = state;
  const { room, sourceRoom } = cache;
  const ranges = (slots: Uint32Array, perSlot: number, length: (sequence: number) => number) =>
    Uint32Array.from([...slots].flatMap((slot, s) => [0, 0, slot * perSlot, slot * perSlot + length(s)]));
  return {
    cacheRows: rowsInCache(batch, state),
    cacheRanges: ranges(places.slots, room, (s) => batch.pasts[s]! + lengthOf(batch, s)),
    ...(source && { sourceCacheRows: sourceRowsInCache(source, state) }),
    ...(sourceRoom > 0 && { sourceRanges: ranges(sources.slots, sourceRoom, (s) => sources.lengths[s]!) }),
  };
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

/** What each prediction, and each row, is compared with. */
function comparedFields(job: Job, { losses, classifiesSequences }: PlanRequest): Record<string, Uint32Array> {
  const { batch, request, targeted } = job;
  const others = counterparts(job);
  const rows = new Uint32Array(batch.tokens);
  const rowOf = batch.rowOfToken;
  for (let token = 0; token < batch.tokens; token++) {
    if (rowOf) rows[rowOf[token]!] = rowOf[others[token]!]!;
    else rows[token] = others[token]!;
  }
  const compared = classifiesSequences ? request.compareWith! : others;
  return { comparedRows: rows, ...(losses && { comparedTargets: comparedTargets(targeted, compared) }) };
}

/** The place of what each prediction is compared with; none where that has no target. */
function comparedTargets({ all, read, places }: Targeted, others: Uint32Array): Uint32Array {
  const placeOf = new Uint32Array(others.length).fill(NO_TARGET);
  for (let i = 0; i < all.length; i++) placeOf[all[i]!] = places[i]!;
  return read.map((target) => placeOf[others[target]!]!);
}

/** The numbers of a batch, for the parameters that its plan has. */
export function batchParameters(job: Job, { recording }: CompiledPlan, network: Network): Record<string, number> {
  const { batch, source, cached, table, pooled, request, targeted } = job;
  const numbers = new Map<string, number>([
    ["tokens", batch.rows],
    ["sequences", batch.sequences],
    ["runs", runsOfRows(batch).sequences.length],
    ["longest", batch.longest],
    ["changed columns", job.changed.most],
    ["neurons", job.changed.neurons.length],
    ["head entries", job.headEntries.length / entryWords],
    ["basis rows", (job.texts?.tokens ?? 0) + job.changed.neurons.length],
    ["texts tokens", job.texts?.tokens ?? 0],
    ["texts sequences", job.texts?.sequences ?? 0],
    ["texts runs", job.texts?.sequences ?? 0],
    ["source tokens", source?.tokens ?? 0],
    ["source sequences", source?.sequences ?? 0],
    ["source runs", source?.sequences ?? 0],
    ["source longest", source?.longest ?? 0],
    ["cache rows", cached ? cached.cache.slots * cached.cache.room : 0],
    ["source cache rows", cached ? cached.cache.sourceSlots * cached.cache.sourceRoom : 0],
    ["targets", targeted.read.length],
    ["rows", pooled.starts.length],
    ["matrix row", request.capture?.into?.row ?? 0],
    ["source state rows", 1],
    ["state rows", request.state instanceof DeviceState ? request.state.rows : 1],
  ]);
  for (const [group, { first, count }] of table.groups)
    numbers.set(`first ${group}`, first).set(`count ${group}`, count);
  for (const [name, own] of [["", batch], ["source ", source], ["texts ", job.texts]] as const) // biome-ignore format: one line
    for (const [t, [first, end]] of (own?.steps ?? []).entries())
      numbers.set(`${name}row@${t}`, first).set(`${name}rows@${t}`, end - first);
  const size = pieceSize(recording.request, network.head?.width ?? 1);
  for (let i = 0; i * size < targeted.read.length; i++)
    numbers.set(`targets@${i}`, Math.min(size, targeted.read.length - i * size));
  const blocks = network.recurrence ? stateBlocks(network.recurrence) : 0;
  for (let block = 0; block < blocks; block++) numbers.set(`state block ${block}`, block * batch.sequences);
  return Object.fromEntries(recording.recorder.parameters.map((name) => [name, numbers.get(name) ?? 0]));
}
