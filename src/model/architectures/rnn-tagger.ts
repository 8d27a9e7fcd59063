import type { Config } from "../config.js";
import { loadSequenceClassifier, loadTokenClassifier } from "../heads.js";
import { torchWeights } from "../initial-weights.js";
import { loadTable, recordEmbedding } from "../layers.js";
import type { Architecture, NetworkHead } from "../network.js";
import { recurrentSites } from "../recurrent-sites.js";
import { readRecurrentSizes } from "../recurrent-sizes.js";
import { loadRecurrentStack, recordStackLayer } from "../recurrent-stack.js";
import { logitsOf } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * Recurrent taggers in the torch layout: `embedding` (nn.Embedding), `rnn` (stacked nn.LSTM or nn.GRU, in both
 * directions where the config says `bidirectional`) and `classifier` (nn.Linear). Where `architectures` names a class
 * …ForSequenceClassification, the classifier reads the state after the last token.
 */
export const rnnTagger: Architecture = {
  prefix: "model.",
  initial: torchWeights,
  async build(config, weights) {
    const sizes = readRecurrentSizes(config);
    const { cell, width, vocabulary, embedding, directions } = sizes;
    const words = await loadTable(weights, "embedding.weight", vocabulary, embedding);
    const output = directions ? 2 * width : width;
    const layers = await loadRecurrentStack(weights, "rnn", sizes);
    const head = await loadHead(config, weights, output, directions !== undefined);
    const passes = directions?.length ?? 1;
    return {
      head,
      sites: [...recurrentSites(sizes), ...logitsOf(head)],
      layers: sizes.layers,
      heads: 0,
      encoder: null,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      recurrence: {
        vectors: cell === "lstm" ? 2 : 1,
        width,
        layers: sizes.layers * passes,
        directions: directions ? 2 : 1,
      },
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (run, n, x) => recordStackLayer(run, n, x, layers[n]!),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

function loadHead(config: Config, weights: Weights, width: number, bidirectional: boolean): Promise<NetworkHead> {
  if (config.headKind() !== "sequence-classification") return loadTokenClassifier(config, weights, width);
  if (bidirectional) throw config.refuse("bidirectional", "false for a classifier of the last state");
  return loadSequenceClassifier(config, weights, { width, out: "classifier", reads: (ids) => ids.length - 1 });
}
