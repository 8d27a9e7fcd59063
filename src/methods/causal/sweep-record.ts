import type { BatchSums } from "./measure-batch.js";
import { type MetricName, numbersOf } from "./metric.js";
import type { SweepJob } from "./sweep-jobs.js";

/** What a journal keeps of a forward batch: its operations, its sums, and those of the others where there are some. */
export function recordOf({ operations, sums, others }: BatchSums): Float64Array {
  const record = new Float64Array(1 + sums.length + (others?.length ?? 0));
  record[0] = operations;
  record.set(sums, 1);
  if (others) record.set(others, 1 + sums.length);
  return record;
}

/** Numbers in the record of a batch. */
export function recordLength(job: SweepJob, metric: MetricName): number {
  return 1 + sumsLength(job, metric) * (hasOthers(job) ? 2 : 1);
}

/** The sums that a record was made of. */
export function sumsOfRecord(record: Float64Array, job: SweepJob, metric: MetricName): BatchSums {
  const end = 1 + sumsLength(job, metric);
  return {
    operations: record[0]!,
    sums: record.subarray(1, end),
    others: hasOthers(job) ? record.subarray(end) : null,
  };
}

function sumsLength({ batch, places }: SweepJob, metric: MetricName): number {
  return places.length * numbersOf(metric) * batch.passages.length;
}

function hasOthers({ batch }: SweepJob): boolean {
  return batch.passages.some(({ focus }) => focus);
}
