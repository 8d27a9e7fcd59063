import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { given, runOnce, wanted } from "./run-once.js";

/** What a workgroup gives: queries, and columns of a head. */
const [queriesOfGroup, columnsOfGroup] = [16, 256];

/**
 * Scaled dot-product attention (Vaswani et al. 2017) of packed sequences: s = scale·q·k, s = cap·tanh(s/cap)
 * where cap > 0, s += bias[head, distance], out = softmax(s)·v.
 *
 * Sequence s has the queries offsets[s] … offsets[s + 1] − 1 of the `tokens` rows and, without `ranges`, the keys of
 * the same rows; with `ranges` (four numbers per sequence) the key rows ranges[4s] … ranges[4s + 1] − 1, a prefix
 * that sequences may share, and then ranges[4s + 2] … ranges[4s + 3] − 1, of `keyRows` rows. The last query stands at
 * the last key. With `causal` 1 a query sees no later keys, with `window` w > 0 only the w keys up to its own (and,
 * not causal, all later ones). `heads` query heads share `keyHeads` key and value heads, `headWidth` columns each.
 * `bias` has heads × (2·reach + 1) numbers, for distances query − key = −reach … reach, clamped. `weights` receives
 * the softmax weights: heads × `span` columns per query, 0 where no key is seen. A query that sees no key gives
 * zeros. `longest` is the largest number of queries of a sequence.
 */
export const attentionKernel = describeKernel({
  name: "attention",
  operands: {
    query: { type: "f32", access: "read" },
    key: { type: "f32", access: "read" },
    value: { type: "f32", access: "read" },
    offsets: { type: "u32", access: "read" },
    ranges: { type: "u32", access: "read", optional: true },
    bias: { type: "f32", access: "read", optional: true },
    out: { type: "f32", access: "write" },
    weights: { type: "f32", access: "write", optional: true },
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
    window: "u32",
    reach: "u32",
    scale: "f32",
    cap: "f32",
  },
  options: ["causal"],
  groups: ({ sequences, longest, heads, headWidth }) =>
    sequences * Math.ceil(longest / queriesOfGroup) * heads * Math.max(1, Math.ceil(headWidth / columnsOfGroup)),
  axes: { tokens: { query: 0, out: 0, weights: 0 }, keyRows: { key: 0, value: 0 } },
  whole: ["tokens", "keyRows"],
});

/** Packed sequences of queries, and the keys that each of them sees. */
export interface PackedSequences {
  /** sequences + 1 numbers: where each one's queries start. */
  readonly offsets: Uint32Array;
  /** Four numbers per sequence: its prefix's first and end row, its own first and end row, among the keys. */
  readonly ranges?: Uint32Array;
}

export interface AttentionInput extends PackedSequences {
  /** queries × (heads · headWidth). */
  readonly query: Float32Array;
  /** keys × (keyHeads · headWidth). */
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly heads: number;
  /** Default: as many as heads. */
  readonly keyHeads?: number;
  readonly headWidth: number;
  /** Default: 1/√headWidth. */
  readonly scale?: number;
  readonly mask?: "full" | "causal";
  /** Keys that a query sees, its own included; 0: all. */
  readonly window?: number;
  /** Soft cap of the scores; 0: none. */
  readonly cap?: number;
  /** heads × (2·reach + 1). */
  readonly bias?: Float32Array;
}

export interface AttentionResult {
  /** queries × (heads · headWidth). */
  readonly out: Float32Array;
  /** queries × (heads · span). */
  readonly weights: Float32Array;
  /** Keys of the longest sequence. */
  readonly span: number;
}

/** Attention of packed sequences, with its weights. @throws ArgumentError for sequences or heads that do not fit */
export async function attention(device: Device, input: AttentionInput): Promise<AttentionResult> {
  const { query, key, value, offsets, ranges, heads, keyHeads = heads, headWidth, bias } = input;
  if (heads % keyHeads !== 0) throw new ArgumentError("keyHeads", `a divisor of ${heads} heads`, keyHeads);
  const tokens = Math.floor(query.length / (heads * headWidth));
  const keyRows = Math.floor(key.length / (keyHeads * headWidth));
  const { longest, span } = measureSequences(input, tokens, keyRows);
  const width = bias ? bias.length / heads : 1;
  const { out, weights } = await runOnce(
    device,
    attentionKernel,
    {
      query: given(query, [tokens, heads * headWidth], "query"),
      key: given(key, [keyRows, keyHeads * headWidth], "key"),
      value: given(value, [keyRows, keyHeads * headWidth], "value"),
      offsets: given(offsets, [offsets.length]),
      ...(ranges && { ranges: given(ranges, [offsets.length - 1, 4], "ranges") }),
      ...(bias && { bias: given(bias, [heads, width], "bias") }),
      out: wanted("f32", [tokens, heads * headWidth]),
      weights: wanted("f32", [tokens, heads * span]),
    },
    {
      sequences: offsets.length - 1,
      tokens,
      keyRows,
      longest,
      heads,
      keyHeads,
      headWidth,
      span,
      window: input.window ?? 0,
      reach: (width - 1) / 2,
      scale: input.scale ?? 1 / Math.sqrt(headWidth),
      cap: input.cap ?? 0,
    },
    { causal: input.mask === "causal" ? 1 : 0 },
  );
  return { out: out as Float32Array, weights: weights as Float32Array, span };
}

/**
 * The most queries and the most keys that a sequence has.
 *
 * @throws ArgumentError for a sequence that falls or reaches past the rows
 */
export function measureSequences(
  { offsets, ranges }: PackedSequences,
  tokens: number,
  keyRows: number,
): { longest: number; span: number } {
  let longest = 0;
  let span = 0;
  for (let s = 0; s + 1 < offsets.length; s++) {
    const [first, end] = [offsets[s]!, offsets[s + 1]!];
    checkRows(`offsets[${s + 1}]`, first, end, ranges ? tokens : Math.min(tokens, keyRows));
    longest = Math.max(longest, end - first);
    if (!ranges) continue;
    const [prefix, prefixEnd, own, ownEnd] = ranges.subarray(4 * s, 4 * s + 4);
    checkRows(`ranges[${4 * s + 1}]`, prefix!, prefixEnd!, keyRows);
    checkRows(`ranges[${4 * s + 3}]`, own!, ownEnd!, keyRows);
    span = Math.max(span, prefixEnd! - prefix! + ownEnd! - own!);
  }
  return { longest, span: ranges ? span : longest };
}

function checkRows(name: string, first: number, end: number, rows: number): void {
  if (end < first || end > rows) throw new ArgumentError(name, `a row in ${first} … ${rows}`, end);
}
