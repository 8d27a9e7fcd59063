import type { AttentionInput } from "../../src/kernels/attention.js";
import { softmax } from "./softmax.js";

/** The rows of a sequence's keys, prefix first. */
export function keyRows({ offsets, ranges }: Pick<AttentionInput, "offsets" | "ranges">, sequence: number): number[] {
  const run = (first: number, end: number) => Array.from({ length: end - first }, (_, k) => first + k);
  if (!ranges) return run(offsets[sequence]!, offsets[sequence + 1]!);
  const [prefix, prefixEnd, own, ownEnd] = ranges.subarray(4 * sequence, 4 * sequence + 4);
  return [...run(prefix!, prefixEnd!), ...run(own!, ownEnd!)];
}

/** Attention in float64, one query and head at a time. */
export function attention(input: AttentionInput, span: number): { out: number[]; weights: number[] } {
  const { query, key, value, offsets, heads, headWidth: width, keyHeads = heads } = input;
  const tokens = query.length / (heads * width);
  const out = new Array<number>(tokens * heads * width).fill(0);
  const weights = new Array<number>(tokens * heads * span).fill(0);
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    const rows = keyRows(input, sequence);
    const count = offsets[sequence + 1]! - offsets[sequence]!;
    for (let job = 0; job < count * heads; job++) {
      const [i, head] = [Math.floor(job / heads), job % heads];
      const token = offsets[sequence]! + i;
      const column = Math.floor((head * keyHeads) / heads) * width;
      const position = i + rows.length - count;
      const seen = rows.map((row, k) => ({ row, k })).filter(({ k }) => sees(input, position, k));
      const scores = seen.map(({ row, k }) => {
        let dot = 0;
        for (let c = 0; c < width; c++) {
          dot += query[(token * heads + head) * width + c]! * key[row * keyHeads * width + column + c]!;
        }
        return score(input, dot, head, position - k);
      });
      softmax(scores, scores.length).forEach((weight, s) => {
        const { row, k } = seen[s]!;
        weights[(token * heads + head) * span + k] = weight;
        for (let c = 0; c < width; c++) {
          out[(token * heads + head) * width + c]! += weight * value[row * keyHeads * width + column + c]!;
        }
      });
    }
  }
  return { out, weights };
}

function sees({ mask, window = 0 }: AttentionInput, position: number, key: number): boolean {
  return (mask !== "causal" || key <= position) && (window === 0 || key > position - window);
}

function score(input: AttentionInput, dot: number, head: number, distance: number): number {
  const { scale = 1 / Math.sqrt(input.headWidth), cap = 0, bias, heads } = input;
  const capped = cap > 0 ? cap * Math.tanh((scale * dot) / cap) : scale * dot;
  if (!bias) return capped;
  const reach = (bias.length / heads - 1) / 2;
  return capped + bias[head * (2 * reach + 1) + Math.max(-reach, Math.min(reach, distance)) + reach]!;
}
