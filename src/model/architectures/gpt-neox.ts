import type { Config } from "../config.js";
import { decoderNetwork, loadHead } from "../decoder.js";
import type { DecoderLayer } from "../decoder-layer.js";
import { loadLayerNorm, loadTable, recordEmbedding } from "../layers.js";
import { type Linear, loadLinear, prepareLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import { loadRotation, stretchPositions } from "../rotation.js";
import type { Rotation } from "../self-attention.js";
import type { Weights } from "../weights.js";

/** GPT-NeoX (Black et al. 2022) and Pythia: both blocks read the same residual, and a part of each head is rotated. */
export const gptNeox: Architecture = {
  prefix: "gpt_neox.",
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, vocabulary, epsilon } = sizes;
    const words = await loadTable(weights, "embed_in.weight", vocabulary, width);
    const rotation = loadRotation(config.with({ rotary_pct: 0.25, ...config.values }), weights, sizes);
    const layers: DecoderLayer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes, rotation));
    const norm = await loadLayerNorm(weights, "final_layer_norm", width, epsilon);
    const tensors = { names: ["embed_out.weight", "lm_head.weight"], embedding: "embed_in.weight" };
    const classifiers = { sequence: "score", token: "classifier" };
    const head = await loadHead(config, weights, { ...tensors, width, vocabulary, tied: false, classifiers });
    return decoderNetwork({ sizes, recordEmbed: (run) => recordEmbedding(run, words), layers, norm, head });
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  if (width % heads !== 0) throw config.refuse("num_attention_heads", `a divisor of the hidden size ${width}`);
  return {
    width,
    heads,
    headWidth: width / heads,
    hidden: config.count("intermediate_size"),
    layers: config.count("num_hidden_layers"),
    vocabulary: config.count("vocab_size"),
    positions: stretchPositions(config, config.count("max_position_embeddings")),
    epsilon: config.number("layer_norm_eps", 1e-5),
    activation: config.activation("hidden_act", "gelu"),
    biased: config.flag("attention_bias", true),
    parallel: config.flag("use_parallel_residual", true),
  };
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes, rotation: Rotation): Promise<DecoderLayer> {
  const { width, heads, headWidth, hidden, epsilon, activation, biased, parallel } = sizes;
  const at = `layers.${n}`;
  const load = (name: string, inputs: number, outputs: number, bias = true) => {
    const biases = bias ? [`${at}.${name}.bias`] : [];
    return loadLinear(weights, { names: [`${at}.${name}.weight`], biases, inputs, outputs: [outputs] });
  };
  const projection = await loadProjection(weights, `${at}.attention.query_key_value`, sizes);
  return {
    order: parallel ? "parallel" : "pre-norm",
    attentionNorm: await loadLayerNorm(weights, `${at}.input_layernorm`, width, epsilon),
    attention: { heads, keyHeads: heads, headWidth, causal: true, projection, rotation },
    out: await load("attention.dense", width, width, biased),
    mlpNorm: await loadLayerNorm(weights, `${at}.post_attention_layernorm`, width, epsilon),
    mlp: {
      up: await load("mlp.dense_h_to_4h", width, hidden),
      down: await load("mlp.dense_4h_to_h", hidden, width),
      activation,
      kind: "plain",
    },
  };
}

/** In the file each head has its queries, keys and values together; here all queries come first. */
async function loadProjection(weights: Weights, name: string, sizes: Sizes): Promise<Linear> {
  const { width, biased } = sizes;
  const matrix = sortParts(await weights.read(`${name}.weight`, [3 * width, width]), sizes, width);
  const bias = biased ? sortParts(await weights.read(`${name}.bias`, [3 * width]), sizes, 1) : null;
  const linear = prepareLinear(weights, { matrix, bias, inputs: width, outputs: 3 * width });
  await weights.relieve();
  return linear;
}

/** @param columns numbers that belong to one output */
function sortParts(values: Float32Array, { heads, headWidth }: Sizes, columns: number): Float32Array {
  const sorted = new Float32Array(values.length);
  const piece = headWidth * columns;
  for (let head = 0; head < heads; head++) {
    for (let part = 0; part < 3; part++) {
      const from = (3 * head + part) * piece;
      sorted.set(values.subarray(from, from + piece), (part * heads + head) * piece);
    }
  }
  return sorted;
}
