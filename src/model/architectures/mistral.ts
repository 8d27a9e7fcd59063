import { loadGatedDecoder } from "../gated-decoder.js";
import type { Architecture } from "../network.js";

/** Mistral (Jiang et al. 2023): Llama with a sliding window in every layer, unless `sliding_window` is null. */
export const mistral: Architecture = {
  prefix: "model.",
  build(config, weights) {
    const window = config.isNull("sliding_window") ? 0 : config.count("sliding_window", 4096);
    const windows = Array<number>(config.count("num_hidden_layers")).fill(window);
    return loadGatedDecoder(config, weights, { windows });
  },
};
