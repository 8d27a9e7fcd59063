import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { loadDecoderHead } from "../heads.js";
import {
  loadLayerNorm,
  loadTable,
  type Norm,
  recordEmbedding,
  recordFinal,
  recordHidden,
  recordNorm,
  recordProjection,
} from "../layers.js";
import { type Linear, loadLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { Recording } from "../recording.js";
import { recordAttention, type SelfAttention } from "../self-attention.js";
import { transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/** GPT-2 (Radford et al. 2019): a pre-norm decoder with learned positions, fused projections and a tied head. */
export const gpt2: Architecture = {
  prefix: "transformer.",
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, vocabulary, positions, epsilon } = sizes;
    const words = await loadTable(weights, "wte.weight", vocabulary, width);
    const places = await loadTable(weights, "wpe.weight", positions, width);
    const layers: Layer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes));
    const norm = await loadLayerNorm(weights, "ln_f", width, epsilon);
    const untied = !config.flag("tie_word_embeddings", true) && weights.has("lm_head.weight");
    const names = [untied ? "lm_head.weight" : "wte.weight"];
    const language = () => loadLinear(weights, { names, inputs: width, outputs: [vocabulary] });
    const head = await loadDecoderHead(config, weights, width, language, { sequence: "score", token: "classifier" });
    return {
      head,
      sites: transformerSites({ ...sizes, keyWidth: width, final: true, head }),
      layers: sizes.layers,
      heads: sizes.heads,
      encoder: null,
      vocabulary,
      maximumTokens: positions,
      recurrence: null,
      recordEmbed: (run) => recordEmbedding(run, words, places),
      recordLayer: (run, n, x) => recordLayer(run, `layers.${n}`, x, layers[n]!, sizes),
      recordFinal: (run, x) => recordFinal(run, x, norm),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("n_embd");
  const heads = config.count("n_head");
  if (width % heads !== 0) throw config.refuse("n_head", `a divisor of the width ${width}`);
  if (!config.flag("scale_attn_weights", true)) throw config.refuse("scale_attn_weights", "true");
  if (config.flag("scale_attn_by_inverse_layer_idx", false)) throw config.refuse("scale_attn_by_inverse_layer_idx", "false"); // biome-ignore format: one line
  return {
    width,
    heads,
    hidden: config.count("n_inner", 4 * width),
    layers: config.count("n_layer"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("n_positions"),
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    activation: config.activation("activation_function", "gelu_new"),
  };
}

interface Layer {
  readonly attentionNorm: Norm;
  readonly attention: SelfAttention;
  readonly out: Linear;
  readonly norm: Norm;
  readonly up: Linear;
  readonly down: Linear;
}

async function loadLayer(weights: Weights, n: number, { width, heads, hidden, epsilon }: Sizes): Promise<Layer> {
  const at = `h.${n}`;
  const load = (name: string, inputs: number, outputs: number) => {
    const [names, biases] = [[`${at}.${name}.weight`], [`${at}.${name}.bias`]];
    return loadLinear(weights, { names, biases, inputs, outputs: [outputs], layout: "inner × columns" });
  };
  const projection = await load("attn.c_attn", width, 3 * width);
  return {
    attentionNorm: await loadLayerNorm(weights, `${at}.ln_1`, width, epsilon),
    attention: { heads, keyHeads: heads, headWidth: width / heads, causal: true, projection },
    out: await load("attn.c_proj", width, width),
    norm: await loadLayerNorm(weights, `${at}.ln_2`, width, epsilon),
    up: await load("mlp.c_fc", width, hidden),
    down: await load("mlp.c_proj", hidden, width),
  };
}

function recordLayer(run: Recording, at: string, x: Value, layer: Layer, { activation }: Sizes): Value {
  const heads = recordAttention(run, at, recordNorm(run, x, layer.attentionNorm), layer.attention);
  const middle = recordProjection(run, `${at}.attention.out`, heads, layer.out, x);
  const hidden = recordHidden(run, at, recordNorm(run, middle, layer.norm), layer.up, activation);
  const out = recordProjection(run, `${at}.mlp.out`, hidden, layer.down, middle);
  run.site(`${at}.residual`, out);
  return out;
}
