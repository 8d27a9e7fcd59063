import { generate } from "../../model/generate.js";
import type { Model } from "../../model/model.js";
import type { PassageBatch } from "./batches.js";
import { bleuCounts } from "./bleu.js";
import { type Ablation, type BatchOptions, type BatchSums, interventionsOf } from "./measure-batch.js";
import { numbersOf, type WrittenMetricName } from "./metric.js";
import { asWritten } from "./written-passages.js";

/**
 * Lets an encoder-decoder write the targets of some passages, once for each ablation, which is there at every step, or
 * untouched; the likeliest token follows. Only spaces at the ends of a text do not count.
 */
export async function measureWritten(
  model: Model,
  { passages }: PassageBatch,
  ablations: readonly Ablation[],
  { metric, positions }: BatchOptions & { readonly metric: WrittenMetricName },
): Promise<BatchSums> {
  const copies = Array.from({ length: Math.max(1, ablations.length) }, (_, copy) => copy);
  const long = passages.map(asWritten);
  let operations = 0;
  const texts = await generate(
    model,
    copies.flatMap(() => passages.map(({ source }) => source!.ids)),
    {
      tokens: passages[0]!.written!.most,
      identities: Uint32Array.from(copies.flatMap(() => passages.map(({ sentence }) => sentence))),
      interventions: ablations.flatMap((ablation, copy) => interventionsOf(ablation, long, copy, positions)),
    },
    { onOperations: (count) => (operations = count) },
  );
  const numbers = numbersOf(metric);
  const sums = new Float64Array(copies.length * numbers * passages.length);
  const others = passages.some(({ focus }) => focus) ? new Float64Array(sums.length) : null;
  for (const [i, { text }] of texts.entries()) {
    const [copy, place] = [Math.floor(i / passages.length), i % passages.length];
    const { written, focus } = passages[place]!;
    const to = focus?.[0] === 0 ? others! : sums;
    for (const [number, value] of judge(metric, text, written!.right).entries())
      to[(copy * numbers + number) * passages.length + place] = value;
  }
  return { sums, others, operations };
}

function judge(metric: WrittenMetricName, written: string, right: string): Float64Array {
  return metric === "bleu" ? bleuCounts(written, right) : Float64Array.of(Number(isExact(written, right)));
}

/** Whether a text is written as it is right, but for spaces at its ends. */
export function isExact(written: string, right: string): boolean {
  return written.trim() === right.trim();
}
