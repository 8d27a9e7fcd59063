import type { Model } from "../../model/model.js";
import type { PositionsName } from "./ablated-rows.js";
import { bleuCounts } from "./bleu.js";
import type { Ablation, BatchSums } from "./measure-batch.js";
import { numbersOf, type WrittenMetricName } from "./metric.js";
import type { SweepJob } from "./sweep-jobs.js";
import { writeAblated } from "./write-ablated.js";

/** What is measured, and where units are ablated. */
interface WrittenOptions {
  readonly metric: WrittenMetricName;
  readonly positions: PositionsName;
}

/**
 * Judges what an encoder-decoder writes for the passages of a job, which are those of `writeUntouched`, with each of some
 * ablations, or untouched. Only spaces at the ends of a text do not count.
 */
export async function measureWritten(
  model: Model,
  job: Pick<SweepJob, "batch" | "changed" | "room">,
  ablations: readonly Ablation[],
  { metric, positions }: WrittenOptions,
): Promise<BatchSums> {
  const { passages } = job.batch;
  const { texts, operations } = await writeAblated(model, job, ablations, positions);
  const numbers = numbersOf(metric);
  const sums = new Float64Array(texts.length * numbers);
  const others = passages.some(({ focus }) => focus) ? new Float64Array(sums.length) : null;
  for (const [i, text] of texts.entries()) {
    const [copy, place] = [Math.floor(i / passages.length), i % passages.length];
    const { written, focus } = passages[place]!;
    const to = focus?.[0] === 0 ? others! : sums;
    for (const [number, value] of judge(metric, text, written!.right).entries())
      to[(copy * numbers + number) * passages.length + place] = value;
  }
  return { sums, others, operations, ofTexts: 0 };
}

function judge(metric: WrittenMetricName, written: string, right: string): Float64Array {
  return metric === "bleu" ? bleuCounts(written, right) : Float64Array.of(Number(isExact(written, right)));
}

/** Whether a text is written as it is right, but for spaces at its ends. */
export function isExact(written: string, right: string): boolean {
  return written.trim() === right.trim();
}
