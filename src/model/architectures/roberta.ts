import { loadEncoderHead } from "../heads.js";
import type { Architecture } from "../network.js";
import { bertLayer, encoderNetwork, loadEmbeddings, loadLayers, readEncoderSizes } from "../post-norm-encoder.js";

/** RoBERTa (Liu et al. 2019), XLM-R and CamemBERT: BERT whose positions begin behind the padding's id. */
export const roberta: Architecture = {
  prefix: "roberta.",
  async build(config, weights) {
    const read = readEncoderSizes(config);
    const skipped = config.index("pad_token_id", 1) + 1;
    if (read.positions <= skipped) throw config.refuse("max_position_embeddings", `more than ${skipped}`);
    const sizes = { ...read, skipped, positions: read.positions - skipped };
    return encoderNetwork({
      sizes,
      embeddings: await loadEmbeddings(weights, sizes),
      layers: await loadLayers(weights, sizes, bertLayer),
      head: await loadEncoderHead(config, weights, sizes, {
        masked: {
          dense: "lm_head.dense",
          norm: "lm_head.layer_norm",
          decoder: "lm_head.decoder",
          biases: ["lm_head.bias", "lm_head.decoder.bias"],
          activation: "gelu",
        },
        sequence: { dense: "classifier.dense", activation: "tanh", out: "classifier.out_proj" },
      }),
    });
  },
};
