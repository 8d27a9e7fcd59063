import { loadGatedDecoder } from "../gated-decoder.js";
import type { Architecture } from "../network.js";
import { readQwenWindows } from "./qwen2.js";

/** Qwen 3 (Yang et al. 2025): Llama with RMS norms of every head's queries and keys; windows as in Qwen 2. */
export const qwen3: Architecture = {
  prefix: "model.",
  build(config, weights) {
    const biased = config.flag("attention_bias", false);
    const biases = { inputs: biased, output: biased };
    return loadGatedDecoder(config, weights, {
      biases,
      headWidth: 128,
      queryKeyNorms: true,
      windows: readQwenWindows(config),
    });
  },
};
