import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { measureSequences } from "./attention.js";
import { given, runOnce, wanted } from "./run-once.js";

/**
 * Softmax weights of attention with relative positions and segments (Dai et al. 2019, Yang et al. 2019), of packed
 * sequences: softmax over the keys k of query i's sequence of
 *
 *     scale · ((q_i + u)·k_k + (q_i + v)·r_d + [type_i ≠ type_k] (q_i + w)·z),  d = i − k within −reach … reach.
 *
 * Row reach + d of `distances` (2·reach + 1 rows) is r_d; the four rows of `biases` are u, v, w and z; both have a
 * head's columns side by side, as queries and keys do. Without `types` all are the same. Row i of `weights` receives
 * `span` columns per head, 0 behind the sequence's keys. `longest` is the largest number of tokens of a sequence.
 */
export const relativeScoresKernel = describeKernel({
  name: "relative-scores",
  operands: {
    query: { type: "f32", access: "read" },
    key: { type: "f32", access: "read" },
    distances: { type: "f32", access: "read" },
    biases: { type: "f32", access: "read" },
    offsets: { type: "u32", access: "read" },
    types: { type: "u32", access: "read", optional: true },
    weights: { type: "f32", access: "write" },
  },
  parameters: {
    sequences: "u32",
    tokens: "u32",
    longest: "u32",
    heads: "u32",
    headWidth: "u32",
    span: "u32",
    reach: "u32",
    scale: "f32",
  },
  groups: ({ sequences, longest, heads }) => sequences * Math.ceil(longest / 16) * heads,
  axes: { tokens: { query: 0, key: 0, types: 0, weights: 0 } },
  whole: ["tokens"],
});

export interface RelativeScoresInput {
  /** tokens × (heads · headWidth). */
  readonly query: Float32Array;
  readonly key: Float32Array;
  /** (2 · reach + 1) × (heads · headWidth): r for the distances −reach … reach. */
  readonly distances: Float32Array;
  /** 4 × (heads · headWidth): u, v, w and z. */
  readonly biases: Float32Array;
  /** sequences + 1 numbers: where each one starts. */
  readonly offsets: Uint32Array;
  /** One per token. */
  readonly types?: Uint32Array;
  readonly heads: number;
  readonly headWidth: number;
  /** Default: 1/√headWidth. */
  readonly scale?: number;
}

/** Softmax weights with relative positions. @returns tokens × (heads · span) values, and the span: the longest sequence */
export async function relativeScores(
  device: Device,
  input: RelativeScoresInput,
): Promise<{ weights: Float32Array; span: number }> {
  const { query, key, distances, biases, offsets, types, heads, headWidth } = input;
  const width = heads * headWidth;
  const tokens = Math.floor(query.length / width);
  const rows = distances.length / width;
  if (rows % 2 !== 1) throw new ArgumentError("distances", `an odd number of rows of ${width}`, distances.length);
  const { longest, span } = measureSequences({ offsets }, tokens, tokens);
  const { weights } = await runOnce(
    device,
    relativeScoresKernel,
    {
      query: given(query, [tokens, width], "query"),
      key: given(key, [tokens, width], "key"),
      distances: given(distances, [rows, width], "distances"),
      biases: given(biases, [4, width], "biases"),
      offsets: given(offsets, [offsets.length]),
      ...(types && { types: given(types, [tokens], "types") }),
      weights: wanted("f32", [tokens, heads * span]),
    },
    {
      sequences: offsets.length - 1,
      tokens,
      longest,
      heads,
      headWidth,
      span,
      reach: (rows - 1) / 2,
      scale: input.scale ?? 1 / Math.sqrt(headWidth),
    },
  );
  return { weights: weights as Float32Array, span };
}
