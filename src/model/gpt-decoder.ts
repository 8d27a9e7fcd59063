import type { Config } from "./config.js";
import { type DecoderSizes, decoderNetwork, loadHead } from "./decoder.js";
import type { DecoderLayer } from "./decoder-layer.js";
import { loadLayerNorm, loadTable, recordEmbedding } from "./layers.js";
import type { Network } from "./network.js";
import type { Weights } from "./weights.js";

export interface GptSizes extends DecoderSizes {
  /** Of the norms. */
  readonly epsilon: number;
}

/**
 * Loads a decoder with learned positions whose tensors stand where GPT-2's do, but for those of its layers.
 *
 * @throws FileError for a tensor that is missing or of another shape
 */
export async function loadGptDecoder(
  config: Config,
  weights: Weights,
  sizes: GptSizes,
  loadLayer: (n: number) => Promise<DecoderLayer>,
): Promise<Network> {
  const { width, vocabulary, positions, epsilon } = sizes;
  const words = await loadTable(weights, "wte.weight", vocabulary, width);
  const places = await loadTable(weights, "wpe.weight", positions, width);
  const layers: DecoderLayer[] = [];
  for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(n));
  const norm = await loadLayerNorm(weights, "ln_f", width, epsilon);
  const classifiers = { sequence: "score", token: "classifier" };
  const source = { width, vocabulary, names: ["lm_head.weight"], embedding: "wte.weight", tied: true, classifiers };
  const head = await loadHead(config, weights, source);
  return decoderNetwork({ sizes, recordEmbed: (run) => recordEmbedding(run, words, places), layers, norm, head });
}
