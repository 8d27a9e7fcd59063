import { columnsOf, type Value } from "../device/plan.js";
import { attentionKernel } from "../kernels/attention.js";
import { attentionMixKernel } from "../kernels/attention-mix.js";
import { rotaryKernel } from "../kernels/rotary.js";
import type { Table } from "./layers.js";
import { type Linear, recordLinear } from "./linear.js";
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
  /** Cosines and sines of every position, for rotary models. */
  readonly rotary?: Table;
}

/**
 * Records attention from its normed input to the concatenated head outputs, which are the site
 * `heads`; queries, keys and values are sites before they are rotated.
 */
export function recordAttention(run: Recording, at: string, x: Value, attention: SelfAttention): Value {
  const { heads, keyHeads, headWidth, projection, rotary } = attention;
  const [width, keyWidth] = [heads * headWidth, keyHeads * headWidth];
  const all = recordLinear(run, x, projection);
  const query = columnsOf(all, 0, width);
  const key = columnsOf(all, width, keyWidth);
  const value = columnsOf(all, width + keyWidth, keyWidth);
  run.site(`${at}.attention.query`, query);
  run.site(`${at}.attention.key`, key);
  run.site(`${at}.attention.value`, value);
  if (rotary) {
    recordRotary(run, query, heads, headWidth, rotary);
    recordRotary(run, key, keyHeads, headWidth, rotary);
  }
  const out = recordHeads(run, `${at}.attention.scores`, { query, key, value }, attention);
  run.site(`${at}.attention.heads`, out);
  return out;
}

/** Scores leave the cache only where someone looks at them. */
function recordHeads(
  run: Recording,
  site: string,
  { query, key, value }: { readonly query: Value; readonly key: Value; readonly value: Value },
  { heads, keyHeads, headWidth, causal }: SelfAttention,
): Value {
  const out = run.temporary(heads * headWidth);
  const offsets = run.field("offsets");
  const span = run.needs(site) ? run.request.span : 0;
  const weights = span > 0 ? run.scores(site, heads * span) : null;
  const sizes = { sequences: run.sequences, tokens: run.tokens, keyRows: run.tokens, longest: run.longest };
  const shape = { heads, keyHeads, headWidth, span };
  run.recorder.record(
    attentionKernel,
    { query, key, value, offsets, out, ...(weights && { weights }) },
    { ...sizes, ...shape, window: 0, reach: 0, scale: 1 / Math.sqrt(headWidth), cap: 0 },
    { causal: causal ? 1 : 0 },
  );
  if (!weights || !run.request.intervened.has(site)) return out;
  run.intervene(site, site, weights, run.tokens);
  run.recorder.record(attentionMixKernel, { weights, value, offsets, out }, { ...sizes, ...shape });
  return out;
}

function recordRotary(run: Recording, x: Value, heads: number, headWidth: number, table: Table): void {
  run.recorder.record(
    rotaryKernel,
    { positions: run.field("positions"), table: run.constant(table.buffer, [table.rows, table.width]), out: x },
    { rows: run.tokens, heads, headWidth, rotated: table.width, positionCount: table.rows },
    { interleaved: 0 },
  );
}
