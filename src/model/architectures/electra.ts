import type { Config } from "../config.js";
import { loadEncoderHead, loadTokenScore } from "../heads.js";
import { truncatedWeights } from "../initial-weights.js";
import type { Architecture, NetworkHead } from "../network.js";
import {
  bertLayer,
  type EncoderSizes,
  encoderNetwork,
  loadEmbeddings,
  loadLayers,
  readEncoderSizes,
} from "../post-norm-encoder.js";
import type { Weights } from "../weights.js";

/**
 * ELECTRA (Clark et al. 2020): BERT whose embeddings may be narrower than its residual stream. A generator has a
 * masked-LM head; a discriminator scores every token: above 0 where it takes it for a replaced one.
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
      head: await loadHead(config, weights, sizes),
    });
  },
};

async function loadHead(config: Config, weights: Weights, sizes: EncoderSizes): Promise<NetworkHead | null> {
  const head = await loadEncoderHead(config, weights, sizes, {
    masked: {
      dense: "generator_predictions.dense",
      norm: "generator_predictions.LayerNorm",
      decoder: "generator_lm_head",
      biases: ["generator_lm_head.bias"],
      activation: "gelu",
    },
    sequence: { dense: "classifier.dense", activation: "gelu", out: "classifier.out_proj" },
  });
  const at = "discriminator_predictions";
  if (head || config.headKind() === "none" || !weights.has(`${at}.dense.weight`)) return head;
  const { width, activation } = sizes;
  return loadTokenScore(weights, width, { dense: `${at}.dense`, activation, out: `${at}.dense_prediction`, label: "replaced" }); // biome-ignore format: one line
}
