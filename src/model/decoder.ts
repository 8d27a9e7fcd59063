import type { Value } from "../device/plan.js";
import { softCapKernel } from "../kernels/soft-cap.js";
import type { Config } from "./config.js";
import { type DecoderLayer, recordDecoderLayer } from "./decoder-layer.js";
import { type DecoderHeadNames, languageHead, loadDecoderHead } from "./heads.js";
import { type Norm, recordFinal } from "./layers.js";
import { loadLinear } from "./linear.js";
import { transformerLensPath } from "./logit-lens.js";
import type { BodyOutput, Network, NetworkHead } from "./network.js";
import type { Recording } from "./recording.js";
import { transformerSites } from "./sites.js";
import type { Weights } from "./weights.js";

/** The numbers of a decoder. */
export interface DecoderSizes {
  readonly layers: number;
  /** Of the residual stream. */
  readonly width: number;
  readonly heads: number;
  /** Of queries and concatenated heads; `width` where left out. */
  readonly headsWidth?: number;
  /** Of keys and values; `width` where left out. */
  readonly keyWidth?: number;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly positions: number;
}

/** What a family loads of a decoder: a stack of layers that reads a text from left to right. */
export interface Decoder {
  readonly sizes: DecoderSizes;
  /** Records the input of layer 0, the site `embed`. */
  readonly recordEmbed: (run: Recording) => Value;
  readonly layers: readonly DecoderLayer[];
  /** The norm after the last layer, whose output is the site `final`; null where there is none. */
  readonly norm: Norm | null;
  /** Records what stands between that norm and the head. */
  readonly recordLast?: (run: Recording, x: Value) => Value;
  readonly head: NetworkHead | null;
}

/** A decoder as a network. */
export function decoderNetwork({ sizes, recordEmbed, layers, norm, recordLast, head }: Decoder): Network {
  const { width, keyWidth = width, vocabulary, positions } = sizes;
  const { kind, activation } = layers[0]!.mlp;
  const angles = layers[0]!.attention.rotation?.table;
  return {
    head,
    sites: transformerSites({ ...sizes, keyWidth, gated: kind === "gated", activation, final: norm !== null, head }),
    layers: sizes.layers,
    heads: sizes.heads,
    encoder: null,
    causal: true,
    vocabulary,
    maximumTokens: positions,
    ...(angles && "of" in angles && { angles }),
    recurrence: null,
    ...(!recordLast && { lensPath: (site: string) => transformerLensPath(site, layers, norm) }),
    recordEmbed,
    recordLayer: (run, n, x) => recordDecoderLayer(run, n, x, layers[n]!),
    recordFinal(run, x) {
      const body: BodyOutput = norm ? recordFinal(run, x, norm) : { last: x, residual: x };
      return recordLast ? { ...body, last: recordLast(run, body.last) } : body;
    },
  };
}

/** Where the heads of a family of decoders find their numbers. */
export interface HeadSource {
  /** Columns that a head reads. */
  readonly width: number;
  readonly vocabulary: number;
  /** What files call the language model's own tensor, and its bias where it has one. */
  readonly names: readonly string[];
  readonly bias?: string;
  /** The word embeddings, which are its weights where the config ties them. */
  readonly embedding: string;
  /** Whether the family ties them where the config does not say. */
  readonly tied: boolean;
  /** Soft cap of the logits; 0, the default: none. */
  readonly cap?: number;
  /** The classifiers' tensors; `score` where left out. */
  readonly classifiers?: DecoderHeadNames;
}

/**
 * Loads the head that the config asks for; a model without one, whose head is not tied either, has none.
 *
 * @throws FileError for a tensor that is missing or of another shape
 */
export function loadHead(config: Config, weights: Weights, source: HeadSource): Promise<NetworkHead | null> {
  return loadDecoderHead(config, weights, source.width, () => loadLanguageHead(config, weights, source), source.classifiers); // biome-ignore format: one line
}

async function loadLanguageHead(config: Config, weights: Weights, source: HeadSource): Promise<NetworkHead | null> {
  const { width, vocabulary, bias, cap = 0 } = source;
  const tied = config.flag("tie_word_embeddings", source.tied);
  const own = source.names.find((name) => weights.has(name));
  if (!tied && own === undefined && config.headKind() !== "causal") return null;
  const linear = await loadLinear(weights, {
    names: [tied ? source.embedding : (own ?? source.names[0]!)],
    ...(bias !== undefined && { biases: [bias] }),
    inputs: width,
    outputs: [vocabulary],
  });
  const head = languageHead("causal", linear);
  if (cap === 0) return head;
  return {
    ...head,
    linear: null,
    record(run, x, rows) {
      const out = head.record(run, x, rows);
      run.recorder.record(softCapKernel, { out }, { rows, width: vocabulary, cap });
      return out;
    },
  };
}
