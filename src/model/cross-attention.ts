import { columnsOf, type Value } from "../device/plan.js";
import type { Norm } from "./layers.js";
import { type Linear, recordLinear } from "./linear.js";
import type { Recording } from "./recording.js";
import { recordHeads } from "./self-attention.js";

/** What a decoder layer's attention to the encoder is made of, besides its output projection. */
export interface CrossAttention {
  readonly heads: number;
  readonly headWidth: number;
  readonly query: Linear;
  /** Keys and values, side by side. */
  readonly keysAndValues: Linear;
  /** What scores are multiplied by; default 1/√headWidth. */
  readonly scale?: number;
}

/** A decoder layer's attention to the encoder, with the norm before or behind it; an encoder's layer has none. */
export interface CrossBlock {
  readonly attention: CrossAttention;
  readonly out: Linear;
  readonly norm: Norm;
}

/**
 * Records a decoder's attention to what its encoder ended with, up to the concatenated head outputs. Queries, scores
 * and heads have a row per token of the decoder, keys and values one per token of the encoder.
 */
export function recordCrossAttention(run: Recording, at: string, x: Value, attention: CrossAttention): Value {
  const { heads, query, keysAndValues } = attention;
  const source = run.source!;
  const queries = recordLinear(run, x, query);
  run.site(`${at}.cross.query`, queries);
  const { key, value } = source.output ? recordKeys(run, at, source.output, keysAndValues) : { key: null, value: null };
  const shape = { ...attention, keyHeads: heads, causal: false };
  const out = recordHeads(run, `${at}.cross.scores`, { query: queries, key, value }, shape, source);
  run.site(`${at}.cross.heads`, out);
  return out;
}

/** Records the keys and values of the encoder's tokens. */
function recordKeys(run: Recording, at: string, encoded: Value, keysAndValues: Linear) {
  const width = keysAndValues.outputs / 2;
  const both = recordLinear(run.source!, encoded, keysAndValues);
  const [key, value] = [columnsOf(both, 0, width), columnsOf(both, width, width)];
  run.siteOfSources(`${at}.cross.key`, key);
  run.siteOfSources(`${at}.cross.value`, value);
  return { key, value };
}
