import { NO_ROW } from "../kernels/gather-rows.js";
import type { Batch } from "./batch.js";
import type { Job } from "./batch-inputs.js";
import type { BatchAngles, Network } from "./network.js";
import { joinedStages, type PlanRequest, stateBlocks } from "./plan-request.js";
import { reversalOf } from "./recurrent-inputs.js";
import { mixRowsOf, readTokensOf, rowsBefore, targetTokensOf } from "./rows-of-copies.js";
import { keyRanges, type RowRuns, runsOfRows } from "./shared-rows.js";

type Fields = Record<string, ArrayLike<number>>;

/** Where the rows of a batch stand in their texts, and what each sees. */
export function placesOfRows(batch: Batch, { request, source, sourceOf }: Job, { angles }: Network): Fields {
  const runs = runsOfRows(batch);
  return {
    positions: batch.positions,
    ...(request.types && { types: byRow(request.types.subarray(0, batch.tokens), batch) }),
    offsets: runs.starts,
    ...(angles && anglesOf(angles, batch)),
    ...(source && { sourceRanges: sourceRangesOf(runs, source, sourceOf) }),
  };
}

/** The texts, the rows of their copies before all of these have parted, and the row that each goes on from. */
export function fieldsOfTexts(job: Job, texts: Batch, network: Network, plan: PlanRequest): Fields {
  const { batch, joined, readAt } = job;
  const { recurrence } = network;
  const { capacity, closedForm } = plan;
  const ofTexts = (tokens: Uint32Array) => tokens.map((token) => token % texts.tokens);
  const stages = [texts, ...joined.map(({ batch }) => batch), batch];
  const before = (stage: number) => rowsBefore(stages[stage]!, stages[stage - 1]!);
  const ofJoined = joinedStages(plan).map((name, i) => {
    const own = stages[i + 1]!;
    return named(name, { ...placesOfRows(own, job, network), keyRanges: keyRanges(own), rowsBefore: before(i + 1) });
  });
  return {
    ...named("texts", { ids: texts.ids, ...placesOfRows(texts, job, network) }),
    ...(recurrence && { "texts stateRows": new Uint32Array(stateBlocks(recurrence) * capacity.texts).fill(NO_ROW) }),
    ...(recurrence?.directions === 2 && { "texts reversal": reversalOf(texts).reversal }),
    ...ofJoined.reduce((all, fields) => Object.assign(all, fields), {}),
    rowsBefore: before(stages.length - 1),
    ...(readAt !== null && { readTextRows: ofTexts(readTokensOf(job, network)) }),
    ...(job.headEntries.length > 0 && { headEntries: job.headEntries }),
    ...(closedForm && { neurons: job.changed.neurons }),
    ...(closedForm === "one" && mixRowsOf(job, texts, network)),
    ...(closedForm === "several" && { targetTextRows: ofTexts(targetTokensOf(job, network)) }),
  };
}

/** How many rows there are before a join. */
export function sizesOfJoined(batch: Batch, number: number): [string, number][] {
  const { rows: tokens, sequences } = batch;
  const sizes = { tokens, sequences, runs: runsOfRows(batch).sequences.length };
  return Object.entries(sizes).map(([name, size]) => [`joined ${number} ${name}`, size]);
}

function named(stage: string, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [`${stage} ${name}`, field]));
}

/** The angles of rotary positions, bit for bit, by row. */
function anglesOf(angles: BatchAngles, batch: Batch): Fields {
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
