import type { Config } from "../config.js";
import { languageHead } from "../heads.js";
import { torchWeights } from "../initial-weights.js";
import { loadTable, recordEmbedding } from "../layers.js";
import { type Linear, loadLinear } from "../linear.js";
import type { Architecture, NetworkHead } from "../network.js";
import {
  type Cell,
  gateBlocks,
  loadRecurrentLayer,
  type RecurrentLayer,
  recordRecurrentLayer,
} from "../recurrent-layer.js";
import { logitsOf, type ModelSite } from "../sites.js";
import type { Weights } from "../weights.js";

/** Recurrent language models in the torch layout: encoder (an embedding), rnn (stacked LSTM or GRU), decoder. */
export const rnn: Architecture = {
  prefix: "model.",
  initial: torchWeights,
  async build(config, weights) {
    const sizes = readSizes(config);
    const { cell, width, vocabulary, embedding } = sizes;
    const words = await loadTable(weights, "encoder.weight", vocabulary, embedding);
    const layers: RecurrentLayer[] = [];
    for (let n = 0; n < sizes.layers; n++) {
      layers.push(await loadRecurrentLayer(weights, n, { cell, inputs: n === 0 ? embedding : width, width }));
    }
    const head = languageHead("causal", await loadHead(weights, sizes));
    return {
      head,
      sites: sitesOf(sizes, head),
      layers: sizes.layers,
      heads: 0,
      encoder: null,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      recurrence: { vectors: cell === "lstm" ? 2 : 1, width, layers: sizes.layers },
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (run, n, x) => recordRecurrentLayer(run, n, x, layers[n]!),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  return {
    cell: config.choice<Cell>("cell", ["lstm", "gru"]),
    width: config.count("hidden_size"),
    embedding: config.count("embedding_size"),
    layers: config.count("num_layers"),
    vocabulary: config.count("vocab_size"),
  };
}

function sitesOf({ cell, width, embedding, layers }: Sizes, head: NetworkHead): ModelSite[] {
  const gates = Object.keys(gateBlocks[cell]).map((gate) => `gate.${gate}`);
  const names = ["hidden", ...(cell === "lstm" ? ["cell"] : []), ...gates];
  const numbers = Array.from({ length: layers }, (_, n) => n);
  return [
    { name: "embed", width: embedding },
    ...numbers.flatMap((n) => names.map((name) => ({ name: `layers.${n}.${name}`, width }))),
    ...logitsOf(head),
  ];
}

/** The decoder's weights are the embedding where the file leaves them out. */
function loadHead(weights: Weights, { width, vocabulary }: Sizes): Promise<Linear> {
  const name = weights.has("decoder.weight") ? "decoder.weight" : "encoder.weight";
  const biases = weights.has("decoder.bias") ? ["decoder.bias"] : [];
  return loadLinear(weights, { names: [name], biases, inputs: width, outputs: [vocabulary] });
}
