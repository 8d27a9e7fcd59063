import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { loadSequenceClassifier, loadTokenClassifier } from "../heads.js";
import { torchWeights } from "../initial-weights.js";
import { loadTable, recordEmbedding } from "../layers.js";
import type { Architecture, NetworkHead } from "../network.js";
import type { Recording } from "../recording.js";
import type { RecurrentLayer } from "../recurrent-cell.js";
import {
  loadRecurrentLayer,
  type RecurrentSource,
  recordBidirectionalLayer,
  recordRecurrentLayer,
} from "../recurrent-layer.js";
import { recurrentSites } from "../recurrent-sites.js";
import { readRecurrentSizes } from "../recurrent-sizes.js";
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
    const layers: Layer[] = [];
    for (let n = 0; n < sizes.layers; n++) {
      layers.push(await loadLayer(weights, n, { cell, inputs: n === 0 ? embedding : output, width }, directions));
    }
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
      recordLayer: (run, n, x) => recordLayer(run, n, x, layers[n]!),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

interface Layer {
  readonly forward: RecurrentLayer;
  /** null where the layer reads in one direction. */
  readonly backward: RecurrentLayer | null;
}

async function loadLayer(
  weights: Weights,
  n: number,
  source: RecurrentSource,
  directions: readonly string[] | undefined,
): Promise<Layer> {
  const forward = await loadRecurrentLayer(weights, n, source);
  const backward = directions ? await loadRecurrentLayer(weights, n, { ...source, direction: "backward" }) : null;
  return { forward, backward };
}

function recordLayer(run: Recording, n: number, x: Value, { forward, backward }: Layer): Value {
  if (!backward) return recordRecurrentLayer(run, n, x, forward);
  return recordBidirectionalLayer(run, n, x, { forward, backward });
}

function loadHead(config: Config, weights: Weights, width: number, bidirectional: boolean): Promise<NetworkHead> {
  if (config.headKind() !== "sequence-classification") return loadTokenClassifier(config, weights, width);
  if (bidirectional) throw config.refuse("bidirectional", "false for a classifier of the last state");
  return loadSequenceClassifier(config, weights, { width, out: "classifier", reads: (ids) => ids.length - 1 });
}
