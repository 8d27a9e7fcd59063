import type { Config } from "../config.js";
import { loadGatedDecoder } from "../gated-decoder.js";
import type { Architecture } from "../network.js";
import { readWindows } from "../windows.js";

/** Qwen 2 and 2.5 (Yang et al. 2024): Llama with biases of queries, keys and values, and windows in its upper layers. */
export const qwen2: Architecture = {
  prefix: "model.",
  build: (config, weights) =>
    loadGatedDecoder(config, weights, { biases: { inputs: true }, windows: readQwenWindows(config) }),
};

/** Windows where `use_sliding_window` says so: in the layers from `max_window_layers` on, or as `layer_types` says. */
export function readQwenWindows(config: Config): number[] {
  const slides = config.flag("use_sliding_window", false) && !config.isNull("sliding_window");
  const window = slides ? config.count("sliding_window", 4096) : 0;
  const first = config.values.max_window_layers === 0 ? 0 : config.count("max_window_layers", 28);
  return readWindows(config, config.count("num_hidden_layers"), window, (n) => n >= first);
}
