import type { Config } from "../config.js";
import { loadEncoderHead } from "../heads.js";
import { truncatedWeights } from "../initial-weights.js";
import type { Architecture } from "../network.js";
import {
  type EncoderLayerNames,
  type EncoderSizes,
  encoderNetwork,
  loadEmbeddings,
  loadLayers,
} from "../post-norm-encoder.js";

/** DistilBERT (Sanh et al. 2019): BERT's layers under other names, without token types. */
export const distilbert: Architecture = {
  prefix: "distilbert.",
  initial: truncatedWeights,
  async build(config, weights) {
    const sizes = readSizes(config);
    return encoderNetwork({
      sizes,
      embeddings: await loadEmbeddings(weights, sizes),
      layers: await loadLayers(weights, sizes, namesOf),
      head: await loadEncoderHead(config, weights, sizes, {
        masked: {
          dense: "vocab_transform",
          norm: "vocab_layer_norm",
          decoder: "vocab_projector",
          biases: ["vocab_projector.bias"],
        },
        sequence: { dense: "pre_classifier", activation: "relu", out: "classifier" },
      }),
    });
  },
};

function readSizes(config: Config): EncoderSizes {
  const width = config.count("dim");
  const heads = config.count("n_heads");
  if (width % heads !== 0) throw config.refuse("n_heads", `a divisor of the width ${width}`);
  return {
    width,
    embedding: width,
    heads,
    hidden: config.count("hidden_dim"),
    layers: config.count("n_layers"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("max_position_embeddings"),
    skipped: 0,
    types: 0,
    epsilon: 1e-12,
    activation: config.activation("activation", "gelu"),
  };
}

function namesOf(n: number): EncoderLayerNames {
  const at = `transformer.layer.${n}`;
  return {
    query: `${at}.attention.q_lin`,
    key: `${at}.attention.k_lin`,
    value: `${at}.attention.v_lin`,
    out: `${at}.attention.out_lin`,
    attentionNorm: `${at}.sa_layer_norm`,
    up: `${at}.ffn.lin1`,
    down: `${at}.ffn.lin2`,
    norm: `${at}.output_layer_norm`,
  };
}
