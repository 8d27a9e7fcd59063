import { loadTable, recordEmbedding } from "../layers.js";
import type { Architecture } from "../network.js";

/** Static embeddings: a vector for each word, the site `embed`, and nothing behind it. */
export const staticEmbeddings: Architecture = {
  prefix: "",
  async build(config, weights) {
    const [vocabulary, width] = [config.count("vocab_size"), config.count("hidden_size")];
    const words = await loadTable(weights, "vectors", vocabulary, width);
    return {
      head: null,
      sites: [{ name: "embed", width }],
      layers: 0,
      heads: 0,
      encoder: null,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      recurrence: null,
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (_run, _n, x) => x,
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};
