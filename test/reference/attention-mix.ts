import type { AttentionMixInput } from "../../src/kernels/attention-mix.js";
import { keyRows } from "./attention.js";

/** Values mixed by attention weights, in float64. */
export function attentionMix(input: AttentionMixInput): number[] {
  const { weights, span, value, offsets, heads, headWidth: width, keyHeads = heads } = input;
  const out = new Array<number>((weights.length / span) * width).fill(0);
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    const rows = keyRows(input, sequence);
    for (let at = offsets[sequence]! * heads; at < offsets[sequence + 1]! * heads; at++) {
      const column = Math.floor(((at % heads) * keyHeads) / heads) * width;
      rows.forEach((row, k) => {
        for (let c = 0; c < width; c++) {
          out[at * width + c]! += weights[at * span + k]! * value[row * keyHeads * width + column + c]!;
        }
      });
    }
  }
  return out;
}
