import { languageHead } from "../heads.js";
import { torchWeights } from "../initial-weights.js";
import { loadTable, recordEmbedding } from "../layers.js";
import { type Linear, loadLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { RecurrentLayer } from "../recurrent-cell.js";
import { loadRecurrentLayer, recordRecurrentLayer } from "../recurrent-layer.js";
import { recurrentSites } from "../recurrent-sites.js";
import { type RecurrentSizes, readRecurrentSizes } from "../recurrent-sizes.js";
import { logitsOf } from "../sites.js";
import type { Weights } from "../weights.js";

/** Recurrent language models in the torch layout: encoder (an embedding), rnn (stacked LSTM or GRU), decoder. */
export const rnn: Architecture = {
  prefix: "model.",
  initial: torchWeights,
  async build(config, weights) {
    const sizes = readRecurrentSizes(config);
    if (sizes.directions) throw config.refuse("bidirectional", "false for a model that predicts the next token");
    const { cell, width, vocabulary, embedding } = sizes;
    const words = await loadTable(weights, "encoder.weight", vocabulary, embedding);
    const layers: RecurrentLayer[] = [];
    for (let n = 0; n < sizes.layers; n++) {
      layers.push(await loadRecurrentLayer(weights, n, { cell, inputs: n === 0 ? embedding : width, width }));
    }
    const head = languageHead("causal", await loadHead(weights, sizes));
    return {
      head,
      sites: [...recurrentSites(sizes), ...logitsOf(head)],
      layers: sizes.layers,
      heads: 0,
      encoder: null,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      lensPath: (site) => (site === `layers.${sizes.layers - 1}.hidden` ? { through: null, gains: [] } : null),
      recurrence: { vectors: cell === "lstm" ? 2 : 1, width, layers: sizes.layers, directions: 1 },
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (run, n, x) => recordRecurrentLayer(run, n, x, layers[n]!),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

/** The decoder's weights are the embedding where the file leaves them out. */
function loadHead(weights: Weights, { width, vocabulary }: RecurrentSizes): Promise<Linear> {
  const name = weights.has("decoder.weight") ? "decoder.weight" : "encoder.weight";
  const biases = weights.has("decoder.bias") ? ["decoder.bias"] : [];
  return loadLinear(weights, { names: [name], biases, inputs: width, outputs: [vocabulary] });
}
