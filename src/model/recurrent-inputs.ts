import { NO_ROW } from "../kernels/gather-rows.js";
import { type Batch, reversedRows } from "./batch.js";
import { type CacheState, sourceRowsInCache } from "./key-cache.js";
import type { TextState } from "./model.js";
import type { Network, Recurrence } from "./network.js";
import { type PlanRequest, stateBlocks } from "./plan-request.js";
import { DeviceState } from "./recurrent-state.js";
import type { StackBatches } from "./stacks.js";

/** The whole numbers that a batch of a recurrent network brings, field by field; see `fieldsOf` in plan-request.ts. */
export function recurrentFields(
  stacks: StackBatches & { readonly request: { readonly state?: TextState | "start" } },
  { recurrence, encoder }: Network,
  plan: PlanRequest,
): Record<string, Uint32Array> {
  const { batch, source, sourceOf, cached, request } = stacks;
  const state = request.state instanceof DeviceState ? request.state : null;
  return {
    rowOfToken: batch.rowOfToken!,
    ranks: batch.ranks,
    stateRows: stateRowsOf(batch, state, stateBlocks(recurrence!), plan),
    ...(recurrence!.directions === 2 && reversalOf(batch)),
    ...(encoder && attendingFields(stacks)),
    ...(cached && { lastRows: lastRowsOf(batch) }),
    ...(source && sourceFields(source, encoder!.recurrence!, plan)),
    ...(source && { encoderStates: encoderStatesOf(batch, source, sourceOf) }),
    ...(source && cached && { sourceCacheRows: sourceRowsInCache(source, cached) }),
  };
}

/** For each state vector and each place in a time step: its row of the given state, or none. */
function stateRowsOf(batch: Batch, state: DeviceState | null, blocks: number, { capacity }: PlanRequest): Uint32Array {
  const rows = new Uint32Array(blocks * capacity.sequences).fill(NO_ROW);
  if (!state) return rows;
  for (let block = 0; block < blocks; block++) {
    batch.ranks.forEach((rank, sequence) => {
      rows[block * capacity.sequences + rank] = block * state.slotCount + state.places.slots[sequence]!;
    });
  }
  return rows;
}

/** Where each packed token lies when sequences are read from their ends, and the row that each row changes places with. */
export function reversalOf(batch: Batch): { readonly reversedRowOfToken: Uint32Array; readonly reversal: Uint32Array } {
  const reversedRowOfToken = reversedRows(batch);
  const reversal = new Uint32Array(batch.tokens);
  reversedRowOfToken.forEach((row, token) => {
    reversal[batch.rowOfToken![token]!] = row;
  });
  return { reversedRowOfToken, reversal };
}

/** For each place in a decoder's time step: one query, and the rows of its source. */
function attendingFields({ batch, source, sourceOf, cached }: StackBatches): Record<string, Uint32Array> {
  const rankRanges = new Uint32Array(4 * batch.sequences);
  batch.ranks.forEach((rank, s) => {
    rankRanges.set([0, 0, ...(cached ? cachedRows(cached, s) : rowsOfSource(source!, sourceOf[s]!))], 4 * rank);
  });
  return { rankOffsets: Uint32Array.from({ length: batch.sequences + 1 }, (_, rank) => rank), rankRanges };
}

/** The rows of a source. */
function rowsOfSource({ starts }: Batch, number: number): Uint32Array {
  return starts.subarray(number, number + 2);
}

/** The rows of a sequence's source among those that a state keeps. */
function cachedRows({ cache, sources }: CacheState, sequence: number): readonly [number, number] {
  const first = sources.slots[sequence]! * cache.sourceRoom;
  return [first, first + sources.lengths[sequence]!];
}

/** The row of each sequence's last token. */
function lastRowsOf({ starts, sequences, rowOfToken }: Batch): Uint32Array {
  return Uint32Array.from({ length: sequences }, (_, s) => rowOfToken![starts[s + 1]! - 1]!);
}

function sourceFields(source: Batch, recurrence: Recurrence, { capacity }: PlanRequest): Record<string, Uint32Array> {
  const reversed = recurrence.directions === 2 ? reversalOf(source) : null;
  return {
    "source rowOfToken": source.rowOfToken!,
    "source ranks": source.ranks,
    "source stateRows": new Uint32Array(stateBlocks(recurrence) * capacity.sources).fill(NO_ROW),
    ...(reversed && { "source reversal": reversed.reversal }),
    ...(reversed && { "source reversedRowOfToken": reversed.reversedRowOfToken }),
  };
}

/** For each place in a decoder's time step the place of its source in the encoder's. */
function encoderStatesOf({ ranks, sequences }: Batch, source: Batch, sourceOf: Uint32Array): Uint32Array {
  const states = new Uint32Array(sequences);
  ranks.forEach((rank, s) => {
    states[rank] = source.ranks[sourceOf[s]!]!;
  });
  return states;
}
