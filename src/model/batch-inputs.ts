import { entryWords } from "../kernels/intervene.js";
import { type Batch, lengthOf } from "./batch.js";
import type { Changes } from "./changed-heads.js";
import type { CompiledPlan } from "./compiled-plan.js";
import type { InterventionTable } from "./intervention-table.js";
import type { Joined } from "./joins.js";
import { type CacheState, rowsInCache, sourceRowsInCache } from "./key-cache.js";
import { type ForwardRequest, NO_TARGET, type PooledRows } from "./model.js";
import type { Network } from "./network.js";
import { type PlanRequest, stateBlocks } from "./plan-request.js";
import { pieceSize } from "./predictions.js";
import { recurrentFields } from "./recurrent-inputs.js";
import { DeviceState } from "./recurrent-state.js";
import { keyRanges, runsOfRows } from "./shared-rows.js";
import type { StackBatches } from "./stacks.js";
import { fieldsOfTexts, placesOfRows, sizesOfJoined } from "./stage-inputs.js";
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
  /** The rows behind that site, as long as some copies have not joined; none where all part at once. */
  readonly joined: readonly Joined[];
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
  const { request, batch, source, cached, table, pooled, targeted } = job;
  const rowOf = (token: number) => batch.rowOfToken?.[token] ?? token;
  const reads = network.head?.reads;
  return {
    ids: batch.ids,
    ...placesOfRows(batch, job, network),
    ...(plan.sharesRows && { keyRanges: keyRanges(batch) }),
    ...(job.texts && fieldsOfTexts(job, job.texts, network, plan)),
    ...(batch.parents && { parents: batch.parents }),
    ...(source && { "source ids": source.ids, "source positions": source.positions, "source offsets": source.starts }),
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
    ...job.joined.flatMap(({ batch }, i) => sizesOfJoined(batch, i)),
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
