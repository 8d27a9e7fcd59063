import { loadGatedDecoder } from "../gated-decoder.js";
import type { Architecture } from "../network.js";

/** Llama (Touvron et al. 2023): a pre-norm decoder with RMS norms, rotary positions, shared key heads and a gated MLP. */
export const llama: Architecture = {
  prefix: "model.",
  build(config, weights) {
    const biased = config.flag("attention_bias", false);
    const biases = { inputs: biased, output: biased, mlp: config.flag("mlp_bias", false) };
    return loadGatedDecoder(config, weights, { biases });
  },
};
