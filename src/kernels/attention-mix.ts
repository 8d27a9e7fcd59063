import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { measureSequences, type PackedSequences } from "./attention.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * The second half of attention, from softmax weights that an intervention may have changed:
 * out = Σ_k weights[query, head·span + k] · value[row of key k]. Operands and parameters as in `attentionKernel`.
 */
export const attentionMixKernel = describeKernel({
  name: "attention-mix",
  operands: {
    weights: { type: "f32", access: "read" },
    value: { type: "f32", access: "read" },
    offsets: { type: "u32", access: "read" },
    ranges: { type: "u32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
  },
  parameters: {
    sequences: "u32",
    tokens: "u32",
    keyRows: "u32",
    longest: "u32",
    heads: "u32",
    keyHeads: "u32",
    headWidth: "u32",
    span: "u32",
  },
  groups: ({ sequences, longest, heads }) => sequences * longest * heads,
  axes: { tokens: { weights: 0, out: 0 }, keyRows: { value: 0 } },
  whole: ["tokens", "keyRows"],
});

export interface AttentionMixInput extends PackedSequences {
  /** queries × (heads · span). */
  readonly weights: Float32Array;
  readonly span: number;
  /** keys × (keyHeads · headWidth). */
  readonly value: Float32Array;
  readonly heads: number;
  /** Default: as many as heads. */
  readonly keyHeads?: number;
  readonly headWidth: number;
}

/** Values mixed by given attention weights. @returns queries × (heads · headWidth) values */
export async function attentionMix(device: Device, input: AttentionMixInput): Promise<Float32Array> {
  const { weights, span, value, offsets, ranges, heads, keyHeads = heads, headWidth } = input;
  if (heads % keyHeads !== 0) throw new ArgumentError("keyHeads", `a divisor of ${heads} heads`, keyHeads);
  const tokens = Math.floor(weights.length / (heads * span));
  const keyRows = Math.floor(value.length / (keyHeads * headWidth));
  const needed = measureSequences(input, tokens, keyRows);
  if (needed.span > span) throw new ArgumentError("span", `at least ${needed.span} keys`, span);
  const { out } = await runOnce(
    device,
    attentionMixKernel,
    {
      weights: given(weights, [tokens, heads * span], "weights"),
      value: given(value, [keyRows, keyHeads * headWidth], "value"),
      offsets: given(offsets, [offsets.length]),
      ...(ranges && { ranges: given(ranges, [offsets.length - 1, 4], "ranges") }),
      out: wanted("f32", [tokens, heads * headWidth]),
    },
    { sequences: offsets.length - 1, tokens, keyRows, longest: needed.longest, heads, keyHeads, headWidth, span },
  );
  return out as Float32Array;
}
