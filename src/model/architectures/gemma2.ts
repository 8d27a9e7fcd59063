import type { Config } from "../config.js";
import { loadGatedDecoder } from "../gated-decoder.js";
import type { Architecture } from "../network.js";
import { readWindows } from "../windows.js";

/**
 * Gemma 2 (Gemma Team 2024): norms before and after both blocks, with weights as differences from one, a window in
 * every other layer, soft caps of scores and logits, and word embeddings times the square root of their width.
 */
export const gemma2: Architecture = {
  prefix: "model.",
  /** A norm multiplies by 1 + weight. */
  initial: (_name, { length }) => (length === 1 ? { kind: "constant", value: 0 } : null),
  build(config, weights) {
    if (config.flag("use_bidirectional_attention", false)) throw config.refuse("use_bidirectional_attention", "false");
    const biased = config.flag("attention_bias", false);
    const window = config.isNull("sliding_window") ? 0 : config.count("sliding_window", 4096);
    return loadGatedDecoder(config, weights, {
      biases: { inputs: biased, output: biased },
      headWidth: 256,
      windows: readWindows(config, config.count("num_hidden_layers"), window, (n) => n % 2 === 0),
      normOffset: 1,
      order: "both-norms",
      scale: 1 / Math.sqrt(config.count("query_pre_attn_scalar", 256)),
      caps: { scores: readCap(config, "attn_logit_softcapping", 50), logits: readCap(config, "final_logit_softcapping", 30) }, // biome-ignore format: one line
      embeddingScale: Math.sqrt(config.count("hidden_size")),
      activation: ["hidden_activation", "gelu_pytorch_tanh"],
      tied: true,
    });
  },
};

/** A soft cap; null in the file means none. */
function readCap(config: Config, key: string, fallback: number): number {
  if (config.isNull(key)) return 0;
  const cap = config.number(key, fallback);
  if (cap > 0) return cap;
  throw config.refuse(key, "a number above 0 or null");
}
