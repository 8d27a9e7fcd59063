import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { type CrossBlock, recordCrossAttention } from "../cross-attention.js";
import { checkGenerates, type LayerStack, readDecoding, recordStack } from "../encoder-decoder.js";
import { languageHead } from "../heads.js";
import {
  loadLayerNorm,
  loadTable,
  type Norm,
  recordHidden,
  recordNorm,
  recordProjection,
  recordTables,
  type Table,
} from "../layers.js";
import { type Linear, loadLinear } from "../linear.js";
import type { Architecture, NetworkHead } from "../network.js";
import type { Recording } from "../recording.js";
import { recordAttention, type SelfAttention } from "../self-attention.js";
import { sitesOfStack, transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/** BART (Lewis et al. 2020): a post-norm encoder-decoder with learned positions, shared embeddings and a tied head. */
export const bart: Architecture = {
  prefix: "model.",
  async build(config, weights) {
    checkGenerates(config);
    const sizes = readSizes(config);
    const { width, vocabulary, positions } = sizes;
    const head = await loadHead(weights, sizes);
    const encoder = await loadStack(weights, "encoder", sizes);
    const decoder = await loadStack(weights, "decoder", sizes);
    const { encoder: encoded, decoder: decoded, activation } = sizes;
    const widths = { width, keyWidth: width, activation };
    return {
      head,
      sites: [
        ...sitesOfStack("encoder", transformerSites({ ...encoded, ...widths, head: null })),
        ...sitesOfStack("decoder", transformerSites({ ...decoded, ...widths, crossWidth: width, head })),
      ],
      layers: decoded.layers,
      heads: decoded.heads,
      encoder: {
        layers: encoded.layers,
        heads: encoded.heads,
        vocabulary,
        maximumTokens: positions,
        ...readDecoding(config),
        recurrence: null,
        record: (run) => recordStack(run, encoder),
      },
      causal: true,
      vocabulary,
      maximumTokens: positions,
      recurrence: null,
      recordEmbed: decoder.recordEmbed,
      recordLayer: decoder.recordLayer,
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

type Stack = "encoder" | "decoder";
type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("d_model");
  const stack = (name: Stack) => {
    const heads = config.count(`${name}_attention_heads`);
    if (width % heads !== 0) throw config.refuse(`${name}_attention_heads`, `a divisor of the width ${width}`);
    return { heads, layers: config.count(`${name}_layers`), hidden: config.count(`${name}_ffn_dim`) };
  };
  return {
    width,
    encoder: stack("encoder"),
    decoder: stack("decoder"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("max_position_embeddings"),
    scale: config.flag("scale_embedding", false) ? Math.sqrt(width) : 1,
    activation: config.activation("activation_function", "gelu"),
  };
}

/** transformers' layer norms keep torch's own. */
const epsilon = 1e-5;

/** Rows of the position table that no position uses. */
const skippedPositions = 2;

async function loadStack(weights: Weights, name: Stack, sizes: Sizes): Promise<LayerStack> {
  const { width, vocabulary, positions, scale, activation } = sizes;
  const own = `${name}.embed_tokens.weight`;
  const embedding = weights.has("shared.weight") ? "shared.weight" : own;
  const words: Table = { ...(await loadTable(weights, embedding, vocabulary, width)), scale };
  const places = await loadTable(weights, `${name}.embed_positions.weight`, positions, width, skippedPositions);
  const norm = await loadLayerNorm(weights, `${name}.layernorm_embedding`, width, epsilon);
  const layers: Layer[] = [];
  for (let n = 0; n < sizes[name].layers; n++) layers.push(await loadLayer(weights, name, n, sizes));
  return {
    layers: layers.length,
    recordEmbed(run) {
      const x = recordNorm(run, recordTables(run, words, places), norm);
      run.site("embed", x);
      return x;
    },
    recordLayer: (run, n, x) => recordLayer(run, `layers.${n}`, x, layers[n]!, activation),
    recordFinal: (_, x) => x,
  };
}

interface Layer {
  readonly attention: SelfAttention;
  readonly out: Linear;
  readonly attentionNorm: Norm;
  /** null in an encoder. */
  readonly cross: CrossBlock | null;
  readonly up: Linear;
  readonly down: Linear;
  readonly norm: Norm;
}

async function loadLayer(weights: Weights, stack: Stack, n: number, sizes: Sizes): Promise<Layer> {
  const { width } = sizes;
  const { heads, hidden } = sizes[stack];
  const at = `${stack}.layers.${n}`;
  const load = (names: readonly string[], inputs: number, outputs: number) =>
    loadLinear(weights, {
      names: names.map((name) => `${at}.${name}.weight`),
      biases: names.map((name) => `${at}.${name}.bias`),
      inputs,
      outputs: names.map(() => outputs),
    });
  const parts = (block: string, names: string) => [...names].map((name) => `${block}.${name}_proj`);
  const shape = { heads, headWidth: width / heads };
  const norm = (name: string) => loadLayerNorm(weights, `${at}.${name}`, width, epsilon);
  const projection = await load(parts("self_attn", "qkv"), width, width);
  return {
    attention: { ...shape, keyHeads: heads, causal: stack === "decoder", projection },
    out: await load(["self_attn.out_proj"], width, width),
    attentionNorm: await norm("self_attn_layer_norm"),
    cross:
      stack === "encoder"
        ? null
        : {
            attention: {
              ...shape,
              query: await load(["encoder_attn.q_proj"], width, width),
              keysAndValues: await load(parts("encoder_attn", "kv"), width, width),
            },
            out: await load(["encoder_attn.out_proj"], width, width),
            norm: await norm("encoder_attn_layer_norm"),
          },
    up: await load(["fc1"], width, hidden),
    down: await load(["fc2"], hidden, width),
    norm: await norm("final_layer_norm"),
  };
}

function recordLayer(run: Recording, at: string, x: Value, layer: Layer, activation: Sizes["activation"]): Value {
  const { attention, cross } = layer;
  const heads = recordAttention(run, at, x, attention);
  const middle = recordNorm(
    run,
    recordProjection(run, `${at}.attention.out`, heads, layer.out, x),
    layer.attentionNorm,
  );
  const crossed = cross ? recordCross(run, at, middle, cross) : middle;
  const hidden = recordHidden(run, at, crossed, layer.up, activation);
  const out = recordNorm(run, recordProjection(run, `${at}.mlp.out`, hidden, layer.down, crossed), layer.norm);
  run.site(`${at}.residual`, out);
  return out;
}

function recordCross(run: Recording, at: string, x: Value, { attention, out, norm }: CrossBlock): Value {
  const heads = recordCrossAttention(run, at, x, attention);
  return recordNorm(run, recordProjection(run, `${at}.cross.out`, heads, out, x), norm);
}

/** The head's weights are the embeddings where the file leaves them out; so does its bias, which is then nothing. */
async function loadHead(weights: Weights, { width, vocabulary }: Sizes): Promise<NetworkHead> {
  const matrix = ["lm_head.weight", "decoder.embed_tokens.weight"].find((name) => weights.has(name)) ?? "shared.weight";
  const linear = await loadLinear(weights, { names: [matrix], inputs: width, outputs: [vocabulary] });
  if (!weights.has("final_logits_bias")) return languageHead("causal", linear);
  const bias = weights.keep(weights.device.upload(await weights.read("final_logits_bias", [1, vocabulary])));
  return languageHead("causal", { ...linear, bias });
}
