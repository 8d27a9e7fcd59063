import { NO_ROW } from "../kernels/gather-rows.js";
import type { Batch } from "./batch.js";
import type { Job } from "./batch-inputs.js";
import { classifiesSequences, type Network } from "./network.js";

/** For each row, its row in a batch of the same sequences, or of their texts. */
export function rowsBefore({ tokens, rows, rowOfToken }: Batch, before: Batch): Uint32Array {
  const found = new Uint32Array(rows);
  for (let token = 0; token < tokens; token++) {
    const row = rowOfToken?.[token] ?? token;
    const own = token % before.tokens;
    if (row !== NO_ROW) found[row] = before.rowOfToken?.[own] ?? own;
  }
  return found;
}

/**
 * The rows of the text and of the changed neuron in a basis of both, for each row behind the site at which copies part, and
 * for each that has a target.
 */
export function mixRowsOf(job: Job, texts: Batch, network: Network): Record<"mixRows" | "targetMixRows", number[]> {
  const { joined, changed, changedAt, readAt } = job;
  const batch = joined[0]?.batch ?? job.batch;
  const textRows = rowsBefore(batch, texts);
  const pairs = (rows: Iterable<number>) =>
    [...rows].flatMap((row) => [textRows[row]!, texts.tokens + changed.ofRow[row]!]);
  const rowsOf = (tokens: Uint32Array) => tokens.map((token) => batch.rowOfToken?.[token] ?? token);
  if (joined.length > 0) return { mixRows: pairs(batch.ids.keys()), targetMixRows: [] }; // others join before they are read
  const behind = changedAt === readAt ? rowsOf(readTokensOf(job, network)) : batch.ids.keys();
  return { mixRows: pairs(behind), targetMixRows: pairs(rowsOf(targetTokensOf(job, network))) };
}

/** The packed tokens whose predictions have a target. */
export function targetTokensOf(job: Job, network: Network): Uint32Array {
  const read = readTokensOf(job, network);
  return classifiesSequences(network) ? job.targeted.read.map((sequence) => read[sequence]!) : read;
}

/** The packed tokens that the head reads. */
export function readTokensOf({ request, batch, targeted }: Job, network: Network): Uint32Array {
  const reads = network.head?.reads;
  if (!reads || !classifiesSequences(network)) return targeted.read;
  return Uint32Array.from(request.sequences, (ids, s) => batch.starts[s]! + reads(ids));
}
