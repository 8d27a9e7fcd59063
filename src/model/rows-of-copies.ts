import { NO_ROW } from "../kernels/gather-rows.js";
import type { Batch } from "./batch.js";
import type { Job } from "./batch-inputs.js";
import { classifiesSequences, type Network } from "./network.js";

/** For each row of the copies, its row among the texts'. */
export function textRowsOf({ tokens, rows, rowOfToken }: Batch, texts: Batch): Uint32Array {
  const textRows = new Uint32Array(rows);
  for (let token = 0; token < tokens; token++) {
    const row = rowOfToken?.[token] ?? token;
    const own = token % texts.tokens;
    if (row !== NO_ROW) textRows[row] = texts.rowOfToken?.[own] ?? own;
  }
  return textRows;
}

/** For each row behind the site at which copies part, the rows of its text and of its changed neuron in a basis of both. */
export function mixRowsOf(job: Job, { tokens }: Batch, network: Network): number[] {
  const { batch, changed, forkedAt, readAt } = job;
  const rows = forkedAt === readAt ? readRowsOf(job, network) : batch.ids.keys();
  return [...rows].flatMap((row) => [row % tokens, tokens + changed.ofRow[row]!]);
}

/** The rows that the head reads. */
export function readRowsOf({ request, batch, targeted }: Job, network: Network): Uint32Array {
  const reads = network.head?.reads;
  if (!reads || !classifiesSequences(network)) return targeted.read;
  return Uint32Array.from(request.sequences, (ids, s) => batch.starts[s]! + reads(ids));
}
