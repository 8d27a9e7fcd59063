import type { Model } from "../../model/model.js";
import type { MethodContext } from "../result.js";
import type { PositionsName } from "./ablated-rows.js";
import type { PassageBatch } from "./batches.js";
import { type Ablation, type BatchSums, measureBatch } from "./measure-batch.js";
import { measureWritten } from "./measure-written.js";
import { isWritten, type Tally } from "./metric.js";
import type { Passage } from "./passages.js";
import { restoreResting } from "./resting-copies.js";
import { type MeasuredSentences, SentenceSums, sentencesOf, type UntouchedSums } from "./sentence-sums.js";
import { type Span, type SweepJob, type SweepLayout, sweepJobs } from "./sweep-jobs.js";
import type { SweepJournal } from "./sweep-journal.js";
import { OperationsOfJobs, type SweepOperations } from "./sweep-operations.js";
import { SweepProgress } from "./sweep-progress.js";
import { recordLength, recordOf, sumsOfRecord } from "./sweep-record.js";

export type { Ablation } from "./measure-batch.js";

export interface MeasureOptions extends MethodContext, SweepLayout {
  readonly positions: PositionsName;
  /** Is given the sums over every sentence of some ablations as soon as they are known, and of the untouched model. */
  readonly take?: (span: MeasuredSpan) => void | Promise<void>;
  /** What of a larger sweep these ablations are, for who follows its progress; left out: all of it. */
  readonly part?: string;
  /** Keeps what is measured, and has what an earlier run of the same sweep measured. */
  readonly journal?: SweepJournal | null;
}

/** Some ablations over every sentence. */
export interface MeasuredSpan extends Span {
  /** Sums by ablation and sentence. */
  readonly own: SentenceSums;
  /** The same of the untouched model: a single row. */
  readonly untouched: SentenceSums;
}

/** The sums of a metric: of the untouched model, and of each ablation. */
export interface Measured {
  readonly baseline: Tally;
  readonly ablated: readonly Tally[];
  readonly sentences: MeasuredSentences;
  readonly operations: SweepOperations;
}

/**
 * Measures the model with each of many ablations over all passages. Every forward batch carries
 * copies of the same passages, each copy with an ablation of its own. Sums over each sentence are held for some ablations
 * at a time.
 */
export async function measureAblations(
  model: Model,
  passages: readonly Passage[],
  ablations: readonly Ablation[],
  options: MeasureOptions,
): Promise<Measured> {
  const sentences = sentencesOf(passages, options.metric);
  const ablated = new Array<Tally>(ablations.length);
  const operations = new OperationsOfJobs(ablations.length);
  const base = new Map<PassageBatch, BatchSums>();
  let before: UntouchedSums | null = null;
  let untouched: SentenceSums | null = null;
  let own: SentenceSums | null = null;
  for await (const { job, measured } of measureJobs(model, passages, ablations, options)) {
    const { numbers } = job.span;
    own ??= new SentenceSums(sentences, Math.max(1, numbers.length), options.metric);
    if (numbers.length === 0) base.set(job.batch, measured);
    addJob(own, job, measured, base.get(job.batch)!);
    operations.add(job, measured);
    if (!job.closes) continue;
    before ??= { sums: own.sums.slice(), others: own.others?.slice() ?? null };
    own.settle(before);
    untouched ??= own;
    for (const [i, number] of numbers.entries()) ablated[number] = own.tally(i);
    await options.take?.({ numbers, own, untouched });
    own = null;
  }
  const { sweep, wholePasses } = operations;
  return { baseline: untouched!.tally(0), ablated, sentences, operations: { sweep, wholePasses } };
}

/** Adds what was measured of a job, and of ablations that change nothing what the untouched model has. */
function addJob(own: SentenceSums, job: SweepJob, measured: BatchSums, untouched: BatchSums): void {
  const { passages } = job.batch;
  restoreResting(measured, job, job.batch, untouched);
  own.add(passages, job.places, measured);
  for (const place of job.resting) own.add(passages, Uint32Array.of(place), untouched);
}

interface MeasuredJob {
  readonly job: SweepJob;
  readonly measured: BatchSums;
}

/**
 * What the journal has, then what is measured now. Two batches are under way at a time: one runs while the numbers of the
 * other are added.
 */
async function* measureJobs(
  model: Model,
  passages: readonly Passage[],
  ablations: readonly Ablation[],
  options: MeasureOptions,
): AsyncGenerator<MeasuredJob> {
  const { journal, signal } = options;
  const progress = new SweepProgress(passages, ablations.length, options);
  let pending: { job: SweepJob; measuring: Promise<BatchSums> } | null = null;
  const finish = async ({ job, measuring }: NonNullable<typeof pending>): Promise<MeasuredJob> => {
    const measured = await measuring;
    await journal?.append(recordOf(measured));
    progress.add(job);
    progress.show();
    return { job, measured };
  };
  for await (const job of sweepJobs(model, passages, ablations, options)) {
    signal?.throwIfAborted();
    const kept = await journal?.next(recordLength(job, options.metric));
    if (kept) {
      progress.add(job);
      yield { job, measured: sumsOfRecord(kept, job, options.metric) };
      continue;
    }
    if (!pending) progress.show();
    const measuring = measureJob(model, job, ablations, options);
    measuring.catch(() => {}); // awaited in the next round, or below
    if (pending) yield await finish(pending);
    pending = { job, measuring };
  }
  if (pending) yield await finish(pending);
}

/** Measures the ablations of a job; nothing is computed where it has none, as all that its span has change nothing. */
async function measureJob(
  model: Model,
  job: SweepJob,
  ablations: readonly Ablation[],
  options: MeasureOptions,
): Promise<BatchSums> {
  const { batch, span, places, changed } = job;
  const { metric } = options;
  if (places.length === 0) return nothingMeasured(batch);
  const some = span.numbers.length === 0 ? [] : Array.from(places, (place) => ablations[span.numbers[place]!]!);
  if (isWritten(metric)) return await measureWritten(model, job, some, { ...options, metric });
  return await measureBatch(model, batch, some, { ...options, metric }, changed);
}

function nothingMeasured({ passages }: PassageBatch): BatchSums {
  const none = new Float64Array(0);
  return { sums: none, others: passages.some(({ focus }) => focus) ? none : null, operations: 0, ofTexts: 0 };
}
