import type { BatchSums } from "./measure-batch.js";
import { type MetricName, numbersOf } from "./metric.js";
import type { SweepJob } from "./sweep-jobs.js";

/** Numbers of a record before its sums. */
const firstSum = 2;

/** What a journal keeps of a forward batch: its operations, its texts', its sums, and those of the others where there are some. */
export function recordOf({ operations, ofTexts, sums, others }: BatchSums): Float64Array {
  const record = new Float64Array(firstSum + sums.length + (others?.length ?? 0));
  record.set([operations, ofTexts]);
  record.set(sums, firstSum);
  if (others) record.set(others, firstSum + sums.length);
  return record;
}

/** Numbers in the record of a batch. */
export function recordLength(job: SweepJob, metric: MetricName): number {
  return firstSum + sumsLength(job, metric) * (hasOthers(job) ? 2 : 1);
}

/** The sums that a record was made of. */
export function sumsOfRecord(record: Float64Array, job: SweepJob, metric: MetricName): BatchSums {
  const end = firstSum + sumsLength(job, metric);
  return {
    operations: record[0]!,
    ofTexts: record[1]!,
    sums: record.subarray(firstSum, end),
    others: hasOthers(job) ? record.subarray(end) : null,
  };
}

function sumsLength({ batch, places }: SweepJob, metric: MetricName): number {
  return places.length * numbersOf(metric) * batch.passages.length;
}

function hasOthers({ batch }: SweepJob): boolean {
  return batch.passages.some(({ focus }) => focus);
}
