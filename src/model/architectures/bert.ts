import { loadEncoderHead } from "../heads.js";
import { truncatedWeights } from "../initial-weights.js";
import type { Architecture } from "../network.js";
import { bertLayer, encoderNetwork, loadEmbeddings, loadLayers, readEncoderSizes } from "../post-norm-encoder.js";

/** BERT (Devlin et al. 2019): a post-norm encoder with absolute positions and token types. */
export const bert: Architecture = {
  prefix: "bert.",
  initial: truncatedWeights,
  async build(config, weights) {
    const sizes = readEncoderSizes(config);
    return encoderNetwork({
      sizes,
      embeddings: await loadEmbeddings(weights, sizes),
      layers: await loadLayers(weights, sizes, bertLayer),
      head: await loadEncoderHead(config, weights, sizes, {
        masked: {
          dense: "cls.predictions.transform.dense",
          norm: "cls.predictions.transform.LayerNorm",
          decoder: "cls.predictions.decoder",
          biases: ["cls.predictions.bias", "cls.predictions.decoder.bias"],
        },
        sequence: { dense: "pooler.dense", activation: "tanh", out: "classifier" },
      }),
    });
  },
};
