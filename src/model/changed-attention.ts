import type { Value } from "../device/plan.js";
import { entryWords, interveneKernel } from "../kernels/intervene.js";
import type { Recording } from "./recording.js";
import type { HeadInputs, SelfAttention } from "./self-attention.js";

/**
 * Whether copies differ from their texts in few heads: some queries, keys or values are changed, which few heads read, and
 * nobody looks at the scores.
 *
 * @param scores their site
 */
export function differsInHeads(
  run: Recording,
  scores: string,
  { query, key, value }: HeadInputs,
  { queryNorm, keyNorm, headWidth }: SelfAttention,
): boolean {
  const { request, recorder } = run;
  if (request.capacity.headEntries === 0 || request.keepState || run.needs(scores)) return false;
  const together = [queryNorm, keyNorm].some((norm) => norm && norm.width > headWidth); // all heads are normed as one
  return !together && [query, key, value].some((part) => part && recorder.descentOf(part)?.kind === "changed");
}

/**
 * Records the heads of copies of which few differ: the texts', and in the place of those that differ their own. Others are the
 * same but for the order of sums, and would count as changed.
 *
 * @param own all heads of the copies
 * @param record records the heads of the present rows
 */
export function recordOwnHeads(run: Recording, own: Value, record: () => Value): Value {
  const { recorder, request } = run;
  const heads = run.ofTexts(record);
  const [rows, width] = [own.shape[0]!, own.shape[1]!];
  const entries = { ...run.field("headEntries"), shape: [request.capacity.headEntries, entryWords], strides: [entryWords, 1] }; // biome-ignore format: one line
  recorder.record(
    interveneKernel,
    { x: heads, entries, values: { ...own, shape: [rows * width], strides: [1] } },
    { rows: run.tokens, width, count: recorder.parameter("head entries") },
  );
  recorder.descend(heads, { kind: "changed" });
  return heads;
}
