import type { DeviceBuffer } from "../device/device.js";
import { columnsOf, type Value } from "../device/plan.js";
import { attentionKernel } from "../kernels/attention.js";
import { attentionMixKernel } from "../kernels/attention-mix.js";
import { rotaryKernel } from "../kernels/rotary.js";
import { differsInHeads, recordOwnHeads } from "./changed-attention.js";
import { type Norm, recordNorm, type Table, tableValue } from "./layers.js";
import { type Linear, recordLinear } from "./linear.js";
import type { BatchAngles } from "./network.js";
import type { Recording } from "./recording.js";

/** What a layer's attention is made of, besides its output projection. */
export interface SelfAttention {
  readonly heads: number;
  /** Heads of keys and values, which several query heads share. */
  readonly keyHeads: number;
  readonly headWidth: number;
  readonly causal: boolean;
  /** Queries, keys and values, side by side. */
  readonly projection: Linear;
  /** How positions turn queries and keys, for rotary models. */
  readonly rotation?: Rotation;
  /** RMS norms of each head's queries and keys, before they are rotated. */
  readonly queryNorm?: Norm;
  readonly keyNorm?: Norm;
  /** What scores are multiplied by; default 1/√headWidth. */
  readonly scale?: number;
  /** Keys that a query sees, its own included; 0, the default: all. */
  readonly window?: number;
  /** Soft cap of the scores; 0, the default: none. */
  readonly cap?: number;
  /** What scores have added by the distance of query and key. */
  readonly bias?: DistanceBias;
}

/** How the first columns of a head are turned. */
export interface Rotation {
  /** A row per position: cosines, then sines; as wide as the columns that are turned. Or what computes them by batch. */
  readonly table: Table | BatchAngles;
  /** Which columns are a pair: c and c + half, or 2c and 2c + 1. */
  readonly pairs: "halves" | "neighbours";
}

/** heads × (2·reach + 1) numbers, for the distances query − key from −reach to reach; farther ones count as these. */
export interface DistanceBias {
  readonly reach: number;
  readonly buffer: DeviceBuffer;
}

/** Queries, keys and values of all heads. */
export interface HeadInputs {
  readonly query: Value;
  /** null, with the values, for sources that an earlier batch has read. */
  readonly key: Value | null;
  readonly value: Value | null;
}

/**
 * Records attention from its normed input to the concatenated head outputs, which are the site
 * `heads`; queries, keys and values are sites before they are normed and rotated.
 */
export function recordAttention(run: Recording, at: string, x: Value, attention: SelfAttention): Value {
  const { heads, keyHeads, headWidth, projection } = attention;
  const [width, keyWidth] = [heads * headWidth, keyHeads * headWidth];
  const all = recordLinear(run, x, projection);
  const query = columnsOf(all, 0, width);
  const key = columnsOf(all, width, keyWidth);
  const value = columnsOf(all, width + keyWidth, keyWidth);
  run.site(`${at}.attention.query`, query);
  run.site(`${at}.attention.key`, key);
  run.site(`${at}.attention.value`, value);
  const scores = `${at}.attention.scores`;
  const few = differsInHeads(run, scores, { query, key, value }, attention);
  const record = () => {
    const placed = {
      query: recordPlace(run, query, heads, attention.queryNorm, attention),
      key: recordPlace(run, key, keyHeads, attention.keyNorm, attention),
      value,
    };
    return recordHeads(run, scores, placed, attention);
  };
  const own = record();
  const out = few ? recordOwnHeads(run, own, record) : own;
  run.site(`${at}.attention.heads`, out);
  return out;
}

/**
 * Records the heads of attention. Scores leave the cache only where someone looks at them.
 *
 * @param source where the keys are: the encoder's tokens; the queries' own tokens where left out
 */
export function recordHeads(
  run: Recording,
  site: string,
  given: HeadInputs,
  attention: Omit<SelfAttention, "projection">,
  source?: Recording,
): Value {
  const { heads, keyHeads, headWidth, causal, window = 0, cap = 0, bias } = attention;
  const { scale = 1 / Math.sqrt(headWidth) } = attention;
  const out = run.temporary(heads * headWidth);
  const { key, value, keyRows, ranges } = seenKeys(run, site, given, attention, source);
  const places = { offsets: run.field("offsets"), ...(ranges && { ranges }) };
  const span = run.needs(site) ? run.request.span : 0;
  const weights = span > 0 ? run.scores(site, heads * span) : null;
  const sizes = { sequences: run.runs, tokens: run.tokens, keyRows, longest: run.longest };
  const shape = { heads, keyHeads, headWidth, span };
  const reach = bias?.reach ?? 0;
  const added = bias && { bias: run.constant(bias.buffer, [heads, 2 * reach + 1]) };
  run.recorder.record(
    attentionKernel,
    { query: given.query, key, value, ...places, ...added, out, ...(weights && { weights }) },
    { ...sizes, ...shape, window, reach, scale, cap },
    { causal: causal ? 1 : 0 },
  );
  if (!weights || !run.request.intervened.has(site)) return out;
  run.intervene(site, site, weights, run.tokens);
  run.recorder.record(attentionMixKernel, { weights, value, ...places, out }, { ...sizes, ...shape });
  return out;
}

/**
 * The keys and values that a batch's queries see, and where: its own tokens', with those of the text before a copy parts
 * from it, or with those of earlier batches, which are kept from one to the next.
 */
function seenKeys(
  run: Recording,
  site: string,
  { key, value }: HeadInputs,
  { keyHeads, headWidth }: Omit<SelfAttention, "projection">,
  source?: Recording,
) {
  if (!run.request.keepState) {
    const ranges = source ? run.field("sourceRanges") : run.request.sharesRows ? run.field("keyRanges") : undefined;
    return { key: key!, value: value!, keyRows: source?.tokens ?? run.tokens, ranges };
  }
  const kind = { width: keyHeads * headWidth, ofSources: source !== undefined };
  const at = site.slice(0, site.lastIndexOf("."));
  return {
    key: run.remember(`${at}.key`, key, kind),
    value: run.remember(`${at}.value`, value, kind),
    keyRows: run.rowsRemembered(kind.ofSources),
    ranges: run.field(source ? "sourceRanges" : "cacheRanges"),
  };
}

/** Norms and rotates queries or keys, where the model does. */
function recordPlace(
  run: Recording,
  x: Value,
  heads: number,
  norm: Norm | undefined,
  { headWidth, rotation }: SelfAttention,
): Value {
  const normed = norm ? recordNorm(run, x, norm) : x;
  if (!rotation) return normed;
  const { table, pairs } = rotation;
  const fixed = "buffer" in table;
  const angles = fixed ? tableValue(run, table) : run.angles();
  run.recorder.record(
    rotaryKernel,
    { positions: run.field(fixed ? "positions" : "angleRows"), table: angles, out: normed },
    { rows: run.tokens, heads, headWidth, rotated: table.width, positionCount: angles.shape[0]! },
    { interleaved: pairs === "neighbours" ? 1 : 0 },
  );
  return normed;
}
