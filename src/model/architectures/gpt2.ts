import type { Config } from "../config.js";
import type { DecoderLayer } from "../decoder-layer.js";
import { loadGptDecoder } from "../gpt-decoder.js";
import { initialDeviation } from "../initial-weights.js";
import { loadLayerNorm } from "../layers.js";
import { loadLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { Weights } from "../weights.js";

/** GPT-2 (Radford et al. 2019): a pre-norm decoder with learned positions, fused projections and a tied head. */
export const gpt2: Architecture = {
  prefix: "transformer.",
  /** Projections into the residual stream, of which there are two a layer, begin smaller (Radford et al. 2019). */
  initial(name, _shape, config) {
    if (!name.endsWith("c_proj.weight")) return null;
    return { kind: "normal", deviation: initialDeviation(config) / Math.sqrt(2 * config.count("n_layer")) };
  },
  build(config, weights) {
    const sizes = readSizes(config);
    return loadGptDecoder(config, weights, sizes, (n) => loadLayer(weights, n, sizes));
  },
};

type Sizes = ReturnType<typeof readSizes>;

/** `reorder_and_upcast_attn` is about float16, which nothing here computes in. */
function readSizes(config: Config) {
  const width = config.count("n_embd");
  const heads = config.count("n_head");
  if (width % heads !== 0) throw config.refuse("n_head", `a divisor of the width ${width}`);
  return {
    width,
    heads,
    hidden: config.count("n_inner", 4 * width),
    layers: config.count("n_layer"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("n_positions"),
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    activation: config.activation("activation_function", "gelu_new"),
    scale: config.flag("scale_attn_weights", true) ? Math.sqrt(heads / width) : 1,
    scaledByLayer: config.flag("scale_attn_by_inverse_layer_idx", false),
  };
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes): Promise<DecoderLayer> {
  const { width, heads, hidden, epsilon, activation } = sizes;
  const at = `h.${n}`;
  const load = (name: string, inputs: number, outputs: number) => {
    const [names, biases] = [[`${at}.${name}.weight`], [`${at}.${name}.bias`]];
    return loadLinear(weights, { names, biases, inputs, outputs: [outputs], layout: "inner × columns" });
  };
  const projection = await load("attn.c_attn", width, 3 * width);
  const scale = sizes.scaledByLayer ? sizes.scale / (n + 1) : sizes.scale;
  return {
    order: "pre-norm",
    attentionNorm: await loadLayerNorm(weights, `${at}.ln_1`, width, epsilon),
    attention: { heads, keyHeads: heads, headWidth: width / heads, causal: true, projection, scale },
    out: await load("attn.c_proj", width, width),
    mlpNorm: await loadLayerNorm(weights, `${at}.ln_2`, width, epsilon),
    mlp: {
      up: await load("mlp.c_fc", width, hidden),
      down: await load("mlp.c_proj", hidden, width),
      activation,
      kind: "plain",
    },
  };
}
