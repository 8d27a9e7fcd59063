import type { Config } from "../config.js";
import { loadEncoderHead } from "../heads.js";
import { truncatedWeights } from "../initial-weights.js";
import type { Architecture } from "../network.js";
import {
  type EncoderLayerNames,
  encoderNetwork,
  loadEmbeddings,
  loadLayers,
  readEncoderSizes,
} from "../post-norm-encoder.js";

/**
 * ALBERT (Lan et al. 2020): BERT with narrow embeddings and layers that share their weights. Every time that a text
 * goes through a layer is a layer of its own here, with its own sites.
 */
export const albert: Architecture = {
  prefix: "albert.",
  initial: truncatedWeights,
  async build(config, weights) {
    const read = readEncoderSizes(config);
    const { order, own } = readGroups(config, read.layers);
    const sizes = { ...read, layers: order.length, embedding: config.count("embedding_size", 128) };
    const layers = await loadLayers(weights, { ...sizes, layers: own.length }, (n) => own[n]!);
    return encoderNetwork({
      sizes,
      embeddings: await loadEmbeddings(weights, sizes, "encoder.embedding_hidden_mapping_in"),
      layers: order.map((n) => layers[n]!),
      head: await loadEncoderHead(config, weights, sizes, {
        masked: {
          dense: "predictions.dense",
          norm: "predictions.LayerNorm",
          decoder: "predictions.decoder",
          biases: ["predictions.bias", "predictions.decoder.bias"],
        },
        sequence: { dense: "pooler", activation: "tanh", out: "classifier" },
      }),
    });
  },
};

/** The layers that have weights of their own, group by group, and the order in which a text goes through them. */
function readGroups(config: Config, times: number): { own: EncoderLayerNames[]; order: number[] } {
  const groups = config.count("num_hidden_groups", 1);
  const inner = config.count("inner_group_num", 1);
  if (groups > times) throw config.refuse("num_hidden_groups", `at most the ${times} layers`);
  const places = (count: number) => Array.from({ length: count }, (_, i) => i);
  const own = places(groups).flatMap((group) => places(inner).map((layer) => namesOf(group, layer)));
  const order = places(times).flatMap((time) => {
    const group = Math.floor(time / (times / groups));
    return places(inner).map((layer) => group * inner + layer);
  });
  return { own, order };
}

function namesOf(group: number, layer: number): EncoderLayerNames {
  const at = `encoder.albert_layer_groups.${group}.albert_layers.${layer}`;
  return {
    query: `${at}.attention.query`,
    key: `${at}.attention.key`,
    value: `${at}.attention.value`,
    out: `${at}.attention.dense`,
    attentionNorm: `${at}.attention.LayerNorm`,
    up: `${at}.ffn`,
    down: `${at}.ffn_output`,
    norm: `${at}.full_layer_layer_norm`,
  };
}
