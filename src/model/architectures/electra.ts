import { loadEncoderHead } from "../heads.js";
import { truncatedWeights } from "../initial-weights.js";
import type { Architecture } from "../network.js";
import { bertLayer, encoderNetwork, loadEmbeddings, loadLayers, readEncoderSizes } from "../post-norm-encoder.js";

/**
 * ELECTRA (Clark et al. 2020): BERT whose embeddings may be narrower than its residual stream. A generator has a
 * masked-LM head; a discriminator's scores of replaced tokens are no head here.
 */
export const electra: Architecture = {
  prefix: "electra.",
  initial: truncatedWeights,
  async build(config, weights) {
    const read = readEncoderSizes(config);
    const sizes = { ...read, embedding: config.count("embedding_size", 128) };
    const projected = sizes.embedding !== sizes.width;
    return encoderNetwork({
      sizes,
      embeddings: await loadEmbeddings(weights, sizes, projected ? "embeddings_project" : undefined),
      layers: await loadLayers(weights, sizes, bertLayer),
      head: await loadEncoderHead(config, weights, sizes, {
        masked: {
          dense: "generator_predictions.dense",
          norm: "generator_predictions.LayerNorm",
          decoder: "generator_lm_head",
          biases: ["generator_lm_head.bias"],
          activation: "gelu",
        },
        sequence: { dense: "classifier.dense", activation: "gelu", out: "classifier.out_proj" },
      }),
    });
  },
};
