import type { Config } from "../config.js";
import type { DecoderLayer } from "../decoder-layer.js";
import { loadGptDecoder } from "../gpt-decoder.js";
import { loadLayerNorm } from "../layers.js";
import { loadLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { Weights } from "../weights.js";

/** GPT-Neo (Black et al. 2021): GPT-2 with unscaled attention, which sees a window in every other layer. */
export const gptNeo: Architecture = {
  prefix: "transformer.",
  build(config, weights) {
    const sizes = readSizes(config);
    return loadGptDecoder(config, weights, sizes, (n) => loadLayer(weights, n, sizes));
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("hidden_size");
  const heads = config.count("num_heads");
  if (width % heads !== 0) throw config.refuse("num_heads", `a divisor of the width ${width}`);
  const layers = config.count("num_layers");
  return {
    width,
    heads,
    layers,
    windows: readWindows(config, layers),
    hidden: config.count("intermediate_size", 4 * width),
    vocabulary: config.count("vocab_size"),
    positions: config.count("max_position_embeddings"),
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    activation: config.activation("activation_function", "gelu_new"),
  };
}

/** Keys that each layer sees, 0 for all: `attention_layers`, or `attention_types`, lists of [kinds, times]. */
function readWindows(config: Config, layers: number): number[] {
  const { attention_layers: listed, attention_types: types } = config.values;
  const kinds: unknown = listed ?? (Array.isArray(types) ? types.flatMap(repeatKinds) : null);
  const known = (kind: unknown) => kind === "global" || kind === "local";
  if (!Array.isArray(kinds) || kinds.length !== layers || !kinds.every(known)) {
    throw config.refuse(
      listed ? "attention_layers" : "attention_types",
      `global or local for each of ${layers} layers`,
    );
  }
  const window = config.count("window_size", 256);
  return kinds.map((kind) => (kind === "local" ? window : 0));
}

/** [["global", "local"], 2] → global, local, global, local. */
function repeatKinds(entry: unknown): unknown[] {
  if (!Array.isArray(entry) || !Array.isArray(entry[0]) || !Number.isSafeInteger(entry[1])) return [];
  return Array.from({ length: entry[1] }, () => entry[0]).flat();
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes): Promise<DecoderLayer> {
  const { width, heads, hidden, epsilon, activation } = sizes;
  const at = `h.${n}`;
  const load = (name: string, inputs: number, outputs: number) => {
    const [names, biases] = [[`${at}.${name}.weight`], [`${at}.${name}.bias`]];
    return loadLinear(weights, { names, biases, inputs, outputs: [outputs] });
  };
  const projection = await loadLinear(weights, {
    names: ["q", "k", "v"].map((part) => `${at}.attn.attention.${part}_proj.weight`),
    inputs: width,
    outputs: [width, width, width],
  });
  const shape = { heads, keyHeads: heads, headWidth: width / heads, causal: true };
  return {
    order: "pre-norm",
    attentionNorm: await loadLayerNorm(weights, `${at}.ln_1`, width, epsilon),
    attention: { ...shape, projection, scale: 1, window: sizes.windows[n]! },
    out: await load("attn.attention.out_proj", width, width),
    mlpNorm: await loadLayerNorm(weights, `${at}.ln_2`, width, epsilon),
    mlp: {
      up: await load("mlp.c_fc", width, hidden),
      down: await load("mlp.c_proj", hidden, width),
      activation,
      kind: "plain",
    },
  };
}
