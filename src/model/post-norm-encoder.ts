import type { Value } from "../device/plan.js";
import type { Activation } from "./activation.js";
import type { Config } from "./config.js";
import { type DecoderLayer, recordDecoderLayer } from "./decoder-layer.js";
import { loadLayerNorm, loadTable, type Norm, recordNorm, recordTables, type Table } from "./layers.js";
import { type Linear, loadLinear, recordLinear } from "./linear.js";
import { transformerLensPath } from "./logit-lens.js";
import type { Network, NetworkHead } from "./network.js";
import type { Recording } from "./recording.js";
import { transformerSites } from "./sites.js";
import type { Weights } from "./weights.js";

/** The numbers of an encoder of BERT's kind. */
export interface EncoderSizes {
  /** How many layers a text goes through. */
  readonly layers: number;
  /** Of the residual stream. */
  readonly width: number;
  /** Of the embeddings: where they are not as wide as the residual stream, a projection stands between. */
  readonly embedding: number;
  readonly heads: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** Positions that a text can have. */
  readonly positions: number;
  /** Rows that stand before the first position in its table. */
  readonly skipped: number;
  /** Token types; 0: there is no table of them. */
  readonly types: number;
  readonly epsilon: number;
  readonly activation: Activation;
}

/** What a family loads of an encoder: embeddings, post-norm layers that see the whole text, and a head. */
export interface PostNormEncoder {
  readonly sizes: EncoderSizes;
  readonly embeddings: Embeddings;
  /** One per layer that the text goes through; layers that share their weights stand here again. */
  readonly layers: readonly DecoderLayer[];
  readonly head: NetworkHead | null;
}

/** An encoder as a network. */
export function encoderNetwork({ sizes, embeddings, layers, head }: PostNormEncoder): Network {
  const { width, types, vocabulary, positions } = sizes;
  return {
    head,
    sites: transformerSites({ ...sizes, keyWidth: width, head }),
    layers: layers.length,
    heads: sizes.heads,
    encoder: null,
    vocabulary,
    maximumTokens: positions,
    tokenTypes: types,
    recurrence: null,
    lensPath: (site) => transformerLensPath(site, layers, null),
    recordEmbed: (run) => recordEmbed(run, embeddings),
    recordLayer: (run, n, x) => recordDecoderLayer(run, n, x, layers[n]!),
    recordFinal: (_, x) => ({ last: x, residual: x }),
  };
}

/**
 * Reads the sizes by the keys that BERT's config and its kin's have.
 *
 * @throws FileError for positions that are not absolute, or a model that was made a decoder
 */
export function readEncoderSizes(config: Config): EncoderSizes {
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  if (width % heads !== 0) throw config.refuse("num_attention_heads", `a divisor of the hidden size ${width}`);
  config.choice("position_embedding_type", ["absolute"], "absolute");
  if (config.flag("is_decoder", false)) throw config.refuse("is_decoder", "false");
  return {
    width,
    embedding: width,
    heads,
    hidden: config.count("intermediate_size"),
    layers: config.count("num_hidden_layers"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("max_position_embeddings"),
    skipped: 0,
    types: config.count("type_vocab_size", 2),
    epsilon: config.positive("layer_norm_eps", 1e-12),
    activation: config.activation("hidden_act", "gelu"),
  };
}

/** What gives a token its vector: tables that are added, a norm, and a projection to the residual stream. */
export interface Embeddings {
  readonly words: Table;
  readonly positions: Table;
  readonly types: Table | null;
  readonly norm: Norm;
  readonly projection: Linear | null;
}

/** Loads the tables under `embeddings.`; `projection` names the linear map to the residual stream. */
export async function loadEmbeddings(weights: Weights, sizes: EncoderSizes, projection?: string): Promise<Embeddings> {
  const { width, embedding, vocabulary, positions, skipped, types, epsilon } = sizes;
  const load = (name: string, rows: number, before = 0) =>
    loadTable(weights, `embeddings.${name}_embeddings.weight`, rows, embedding, before);
  return {
    words: await load("word", vocabulary),
    positions: await load("position", positions, skipped),
    types: types > 0 ? await load("token_type", types) : null,
    norm: await loadLayerNorm(weights, "embeddings.LayerNorm", embedding, epsilon),
    projection: projection === undefined ? null : await loadDense(weights, projection, embedding, width),
  };
}

/** Where the linear maps and norms of a layer stand; query, key and value are its attention's. */
export interface EncoderLayerNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly out: string;
  readonly attentionNorm: string;
  readonly up: string;
  readonly down: string;
  readonly norm: string;
}

/** The names of layer n in BERT and its kin. */
export function bertLayer(n: number): EncoderLayerNames {
  const at = `encoder.layer.${n}`;
  return {
    query: `${at}.attention.self.query`,
    key: `${at}.attention.self.key`,
    value: `${at}.attention.self.value`,
    out: `${at}.attention.output.dense`,
    attentionNorm: `${at}.attention.output.LayerNorm`,
    up: `${at}.intermediate.dense`,
    down: `${at}.output.dense`,
    norm: `${at}.output.LayerNorm`,
  };
}

/** Loads all layers by the names of each. @throws FileError for a tensor that is missing or of another shape */
export async function loadLayers(
  weights: Weights,
  sizes: EncoderSizes,
  names: (n: number) => EncoderLayerNames,
): Promise<DecoderLayer[]> {
  const layers: DecoderLayer[] = [];
  for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, sizes, names(n)));
  return layers;
}

async function loadLayer(weights: Weights, sizes: EncoderSizes, names: EncoderLayerNames): Promise<DecoderLayer> {
  const { width, heads, hidden, epsilon, activation } = sizes;
  const parts = [names.query, names.key, names.value];
  const projection = await loadLinear(weights, {
    names: parts.map((part) => `${part}.weight`),
    biases: parts.map((part) => `${part}.bias`),
    inputs: width,
    outputs: [width, width, width],
  });
  return {
    order: "post-norm",
    attention: { heads, keyHeads: heads, headWidth: width / heads, causal: false, projection },
    out: await loadDense(weights, names.out, width, width),
    attentionNorm: await loadLayerNorm(weights, names.attentionNorm, width, epsilon),
    mlp: {
      up: await loadDense(weights, names.up, width, hidden),
      down: await loadDense(weights, names.down, hidden, width),
      activation,
      kind: "plain",
    },
    mlpNorm: await loadLayerNorm(weights, names.norm, width, epsilon),
  };
}

function loadDense(weights: Weights, name: string, inputs: number, outputs: number): Promise<Linear> {
  return loadLinear(weights, { names: [`${name}.weight`], biases: [`${name}.bias`], inputs, outputs: [outputs] });
}

function recordEmbed(run: Recording, { words, positions, types, norm, projection }: Embeddings): Value {
  const normed = recordNorm(run, recordTables(run, words, positions, types ?? undefined), norm);
  const x = projection ? recordLinear(run, normed, projection) : normed;
  run.site("embed", x);
  return x;
}
