import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { type CrossBlock, recordCrossAttention } from "../cross-attention.js";
import { type BucketOptions, distanceBiases } from "../distance-buckets.js";
import { checkGenerates, isEncoderAlone, type LayerStack, readDecoding, recordStack } from "../encoder-decoder.js";
import { languageHead } from "../heads.js";
import type { InitialWeights } from "../initial-weights.js";
import {
  loadRmsNorm,
  loadTable,
  type Norm,
  recordEmbedding,
  recordGated,
  recordHidden,
  recordNorm,
  recordProjection,
  type Table,
} from "../layers.js";
import { type Linear, loadLinear, prepareLinear } from "../linear.js";
import type { Architecture, Network, NetworkHead } from "../network.js";
import type { Recording } from "../recording.js";
import { type DistanceBias, recordAttention, type SelfAttention } from "../self-attention.js";
import { sitesOfStack, transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * T5 (Raffel et al. 2020) and T5 1.1: a pre-norm encoder-decoder with RMS norms, unscaled scores, biases by bucketed
 * distance that all layers of a stack share, and an MLP with or without a gate. T5EncoderModel is the encoder alone,
 * a model of one stack.
 */
export const t5: Architecture = {
  prefix: "transformer.",
  initial: initialWeights,
  async build(config, weights) {
    checkGenerates(config);
    const sizes = readSizes(config);
    const { width, vocabulary } = sizes;
    const embedding = weights.has("shared.weight") ? "shared.weight" : "encoder.embed_tokens.weight";
    const words = await loadTable(weights, embedding, vocabulary, width);
    const encoder = await loadStack(weights, "encoder", sizes, words);
    if (isEncoderAlone(config, "T5EncoderModel")) return encoderAlone(encoder, sizes);
    const decoder = await loadStack(weights, "decoder", sizes, words);
    const head = await loadHead(config, weights, sizes, embedding);
    const { encoder: encoded, decoder: decoded, heads } = sizes;
    return {
      head,
      sites: [
        ...sitesOfStack("encoder", sitesOf(sizes, encoded, null)),
        ...sitesOfStack("decoder", sitesOf(sizes, decoded, head, sizes.keyWidth)),
      ],
      layers: decoded,
      heads,
      encoder: {
        layers: encoded,
        heads,
        vocabulary,
        maximumTokens: Number.POSITIVE_INFINITY,
        ...readDecoding(config),
        recurrence: null,
        record: (run) => recordStack(run, encoder),
      },
      causal: true,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      recurrence: null,
      recordEmbed: decoder.recordEmbed,
      recordLayer: decoder.recordLayer,
      recordFinal: (run, x) => ({ last: decoder.recordFinal(run, x), residual: x }),
    };
  },
};

type Stack = "encoder" | "decoder";
type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const heads = config.count("num_heads");
  const headWidth = config.count("d_kv");
  const layers = config.count("num_layers");
  const gated = config.text("feed_forward_proj", "relu").startsWith("gated-");
  return {
    width: config.count("d_model"),
    heads,
    headWidth,
    headsWidth: heads * headWidth,
    keyWidth: heads * headWidth,
    hidden: config.count("d_ff"),
    encoder: layers,
    decoder: config.count("num_decoder_layers", layers),
    vocabulary: config.count("vocab_size"),
    epsilon: config.number("layer_norm_epsilon", 1e-6),
    buckets: config.count("relative_attention_num_buckets", 32),
    maximumDistance: config.count("relative_attention_max_distance", 128),
    gated,
    activation: activationOf(config, gated),
  };
}

/** `relu` or `gated-silu`; what transformers calls `gated-gelu` is its approximation by tanh. */
function activationOf(config: Config, gated: boolean) {
  const name = config.text("feed_forward_proj", "relu");
  if (name === "gated-gelu") return "gelu-tanh";
  const values = { ...config.values, feed_forward_proj: gated ? name.slice("gated-".length) : name };
  return config.with(values).activation("feed_forward_proj", "relu");
}

function sitesOf(sizes: Sizes, layers: number, head: NetworkHead | null, crossWidth?: number) {
  const cross = crossWidth === undefined ? {} : { crossWidth };
  return transformerSites({ ...sizes, layers, ...cross, final: true, head });
}

function encoderAlone(encoder: LayerStack, sizes: Sizes): Network {
  return {
    head: null,
    sites: sitesOf(sizes, sizes.encoder, null),
    layers: sizes.encoder,
    heads: sizes.heads,
    encoder: null,
    vocabulary: sizes.vocabulary,
    maximumTokens: Number.POSITIVE_INFINITY,
    recurrence: null,
    recordEmbed: encoder.recordEmbed,
    recordLayer: encoder.recordLayer,
    recordFinal: (run, x) => ({ last: encoder.recordFinal(run, x), residual: x }),
  };
}

async function loadStack(weights: Weights, name: Stack, sizes: Sizes, words: Table): Promise<LayerStack> {
  const bias = await loadBias(weights, name, sizes);
  const layers: Layer[] = [];
  for (let n = 0; n < sizes[name]; n++) layers.push(await loadLayer(weights, name, n, sizes, bias));
  const norm = await loadRmsNorm(weights, `${name}.final_layer_norm`, sizes.width, sizes.epsilon);
  return {
    layers: layers.length,
    recordEmbed: (run) => recordEmbedding(run, words),
    recordLayer: (run, n, x) => recordLayer(run, `layers.${n}`, x, layers[n]!, sizes),
    recordFinal(run, x) {
      const last = recordNorm(run, x, norm);
      run.site("final", last);
      return last;
    },
  };
}

/** The first layer's biases, which all layers of a stack use. */
async function loadBias(weights: Weights, stack: Stack, sizes: Sizes): Promise<DistanceBias> {
  const { buckets, maximumDistance, heads } = sizes;
  const name = `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
  const table = await weights.read(name, [buckets, heads]);
  const options: BucketOptions = { buckets, maximumDistance, sides: stack === "encoder" ? "both" : "before" };
  const buffer = weights.keep(weights.device.upload(distanceBiases(table, heads, options)));
  return { reach: maximumDistance, buffer };
}

interface Layer {
  readonly attentionNorm: Norm;
  readonly attention: SelfAttention;
  readonly out: Linear;
  /** null in an encoder. */
  readonly cross: CrossBlock | null;
  readonly norm: Norm;
  /** The gate and the up-projection, or the latter alone. */
  readonly up: Linear;
  readonly down: Linear;
}

async function loadLayer(weights: Weights, stack: Stack, n: number, sizes: Sizes, bias: DistanceBias): Promise<Layer> {
  const { width, heads, headWidth, keyWidth, hidden, gated, epsilon } = sizes;
  const at = `${stack}.block.${n}`;
  const load = (layer: string, names: readonly string[], inputs: number, outputs: number) =>
    loadLinear(weights, {
      names: names.map((name) => `${at}.layer.${layer}.${name}.weight`),
      inputs,
      outputs: names.map(() => outputs),
    });
  const norm = (layer: number) => loadRmsNorm(weights, `${at}.layer.${layer}.layer_norm`, width, epsilon);
  const shape = { heads, headWidth, scale: 1 };
  const projection = await load("0.SelfAttention", ["q", "k", "v"], width, keyWidth);
  const last = stack === "encoder" ? 1 : 2;
  const dense = `${last}.DenseReluDense`;
  return {
    attentionNorm: await norm(0),
    attention: { ...shape, keyHeads: heads, causal: stack === "decoder", projection, bias },
    out: await load("0.SelfAttention", ["o"], keyWidth, width),
    cross:
      stack === "encoder"
        ? null
        : {
            norm: await norm(1),
            attention: {
              ...shape,
              query: await load("1.EncDecAttention", ["q"], width, keyWidth),
              keysAndValues: await load("1.EncDecAttention", ["k", "v"], width, keyWidth),
            },
            out: await load("1.EncDecAttention", ["o"], keyWidth, width),
          },
    norm: await norm(last),
    up: await load(dense, gated ? ["wi_0", "wi_1"] : ["wi"], width, hidden),
    down: await load(dense, ["wo"], hidden, width),
  };
}

function recordLayer(run: Recording, at: string, x: Value, layer: Layer, { gated, activation }: Sizes): Value {
  const { cross } = layer;
  const heads = recordAttention(run, at, recordNorm(run, x, layer.attentionNorm), layer.attention);
  const attended = recordProjection(run, `${at}.attention.out`, heads, layer.out, x);
  const crossed = cross ? recordCross(run, at, attended, cross) : attended;
  const recordUp = gated ? recordGated : recordHidden;
  const hidden = recordUp(run, at, recordNorm(run, crossed, layer.norm), layer.up, activation);
  const out = recordProjection(run, `${at}.mlp.out`, hidden, layer.down, crossed);
  run.site(`${at}.residual`, out);
  return out;
}

function recordCross(run: Recording, at: string, x: Value, { attention, out, norm }: CrossBlock): Value {
  const heads = recordCrossAttention(run, at, recordNorm(run, x, norm), attention);
  return recordProjection(run, `${at}.cross.out`, heads, out, x);
}

/**
 * The head's weights are the embeddings where the file leaves them out. Its input is multiplied by width^−½, unless
 * the config says that the weights are not tied, as that of T5 1.1 does.
 */
async function loadHead(config: Config, weights: Weights, sizes: Sizes, embedding: string): Promise<NetworkHead> {
  const { width, vocabulary } = sizes;
  const name = weights.has("lm_head.weight") ? "lm_head.weight" : embedding;
  const scaled = config.flag("scale_decoder_outputs", config.flag("tie_word_embeddings", true));
  if (!scaled)
    return languageHead("causal", await loadLinear(weights, { names: [name], inputs: width, outputs: [vocabulary] }));
  const matrix = (await weights.read(name, [vocabulary, width])).map((value) => value / Math.sqrt(width));
  return languageHead("causal", prepareLinear(weights, { matrix, bias: null, inputs: width, outputs: vocabulary }));
}

/** Every product begins with a variance of 1, queries with that of scores (Raffel et al. 2020, as transformers does). */
function initialWeights(...[name, shape, config]: Parameters<InitialWeights>): ReturnType<InitialWeights> {
  const factor = config.positive("initializer_factor", 1);
  const width = config.count("d_model");
  if (shape.length === 1) return name.endsWith("bias") ? null : { kind: "constant", value: factor };
  const inputs = /(?:q|k|v|wi|wi_0|wi_1|dense|out_proj|relative_attention_bias)\.weight$/.test(name)
    ? width
    : shape[1]!;
  const embeds = /(?:^|\.)(?:shared|embed_tokens|lm_head)\.weight$/.test(name);
  const scale = embeds ? 1 : /\.q\.weight$/.test(name) ? width * config.count("d_kv") : inputs;
  return { kind: "normal", deviation: factor / Math.sqrt(scale) };
}
