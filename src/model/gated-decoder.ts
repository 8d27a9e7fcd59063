import type { Config } from "./config.js";
import { type DecoderSizes, decoderNetwork, loadHead } from "./decoder.js";
import type { DecoderLayer } from "./decoder-layer.js";
import { loadRmsNorm, loadTable, type Norm, recordEmbedding } from "./layers.js";
import { loadLinear } from "./linear.js";
import type { Network } from "./network.js";
import { loadRotation, stretchPositions } from "./rotation.js";
import type { SelfAttention } from "./self-attention.js";
import type { Weights } from "./weights.js";

/** What tells one decoder with RMS norms, rotary positions, shared key heads and a gated MLP from another. */
export interface GatedTraits {
  /** Whether the projections have biases: of queries, keys and values; of attention's output; of the MLP. */
  readonly biases?: { readonly inputs?: boolean; readonly output?: boolean; readonly mlp?: boolean };
  /** Columns of a head where the config does not say; width / heads where left out. */
  readonly headWidth?: number;
  /** Keys that each layer's queries see, 0 for all; all in every layer where left out. */
  readonly windows?: readonly number[];
  /** Whether queries and keys are normed head by head. */
  readonly queryKeyNorms?: boolean;
  /** What is added to the norms' weights. */
  readonly normOffset?: 0 | 1;
  /** Where norms stand: before the blocks, or before and after them. */
  readonly order?: "pre-norm" | "both-norms";
  /** What scores are multiplied by. */
  readonly scale?: number;
  /** Soft caps of scores and logits; 0: none. */
  readonly caps?: { readonly scores: number; readonly logits: number };
  /** What word embeddings are multiplied by. */
  readonly embeddingScale?: number;
  /** The key that names the MLP's nonlinearity, and its default. */
  readonly activation?: readonly [key: string, fallback: "silu" | "gelu_pytorch_tanh"];
  /** Whether the head is tied where the config does not say. */
  readonly tied?: boolean;
}

/** Loads a decoder of Llama's kind. Tensors are named as in transformers, without `model.`. */
export async function loadGatedDecoder(config: Config, weights: Weights, traits: GatedTraits = {}): Promise<Network> {
  const sizes = readSizes(config, traits);
  const { width, vocabulary, layers: count } = sizes;
  const words = await loadTable(weights, "embed_tokens.weight", vocabulary, width);
  const table = { ...words, scale: traits.embeddingScale ?? 1 };
  const rotation = loadRotation(config, weights, sizes);
  const layers: DecoderLayer[] = [];
  for (let n = 0; n < count; n++) layers.push(await loadLayer(weights, n, { ...sizes, traits, rotation }));
  const norm = await loadRmsNorm(weights, "norm", width, sizes.epsilon, traits.normOffset);
  const tensors = { names: ["lm_head.weight"], embedding: "embed_tokens.weight" };
  const { tied = false, caps } = traits;
  const head = await loadHead(config, weights, { ...tensors, width, vocabulary, tied, cap: caps?.logits ?? 0 });
  return decoderNetwork({ sizes, recordEmbed: (run) => recordEmbedding(run, table), layers, norm, head });
}

type Sizes = DecoderSizes & ReturnType<typeof readSizes>;

function readSizes(config: Config, traits: GatedTraits) {
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  const keyHeads = config.count("num_key_value_heads", heads);
  if (heads % keyHeads !== 0) throw config.refuse("num_key_value_heads", `a divisor of the ${heads} attention heads`);
  const headWidth = config.count("head_dim", traits.headWidth ?? Math.floor(width / heads));
  if (headWidth % 2 !== 0) throw config.refuse("head_dim", "an even number");
  return {
    width,
    heads,
    keyHeads,
    headWidth,
    headsWidth: heads * headWidth,
    keyWidth: keyHeads * headWidth,
    hidden: config.count("intermediate_size"),
    layers: config.count("num_hidden_layers"),
    vocabulary: config.count("vocab_size"),
    positions: stretchPositions(config, config.count("max_position_embeddings")),
    epsilon: config.number("rms_norm_eps", 1e-6),
    activation: config.activation(...(traits.activation ?? (["hidden_act", "silu"] as const))),
  };
}

interface LayerSource extends Sizes {
  readonly traits: GatedTraits;
  readonly rotation: NonNullable<SelfAttention["rotation"]>;
}

async function loadLayer(weights: Weights, n: number, source: LayerSource): Promise<DecoderLayer> {
  const { width, headsWidth, keyWidth, hidden, epsilon, activation, traits } = source;
  const { inputs = false, output = false, mlp = false } = traits.biases ?? {};
  const at = `layers.${n}`;
  const load = (names: readonly string[], from: number, outputs: readonly number[], biased: boolean) => {
    const biases = biased ? names.map((name) => `${at}.${name}.bias`) : [];
    return loadLinear(weights, { names: names.map((name) => `${at}.${name}.weight`), biases, inputs: from, outputs });
  };
  const norm = (name: string, columns = width): Promise<Norm> =>
    loadRmsNorm(weights, `${at}.${name}`, columns, epsilon, traits.normOffset);
  const parts = ["q_proj", "k_proj", "v_proj"].map((part) => `self_attn.${part}`);
  const projection = await load(parts, width, [headsWidth, keyWidth, keyWidth], inputs);
  const blocks = {
    attention: await completeAttention(projection, n, source, norm),
    out: await load(["self_attn.o_proj"], headsWidth, [width], output),
    mlp: {
      up: await load(["mlp.gate_proj", "mlp.up_proj"], width, [hidden, hidden], mlp),
      down: await load(["mlp.down_proj"], hidden, [width], mlp),
      activation,
      kind: "gated",
    },
    attentionNorm: await norm("input_layernorm"),
  } as const;
  if (traits.order !== "both-norms") {
    return { order: "pre-norm", ...blocks, mlpNorm: await norm("post_attention_layernorm") };
  }
  return {
    order: "both-norms",
    ...blocks,
    attentionPostNorm: await norm("post_attention_layernorm"),
    mlpNorm: await norm("pre_feedforward_layernorm"),
    mlpPostNorm: await norm("post_feedforward_layernorm"),
  };
}

async function completeAttention(
  projection: SelfAttention["projection"],
  n: number,
  { heads, keyHeads, headWidth, traits, rotation }: LayerSource,
  norm: (name: string, columns: number) => Promise<Norm>,
): Promise<SelfAttention> {
  const plain = { heads, keyHeads, headWidth, causal: true, projection, rotation };
  const scores = { window: traits.windows?.[n] ?? 0, cap: traits.caps?.scores ?? 0 };
  const scale = traits.scale === undefined ? {} : { scale: traits.scale };
  if (!traits.queryKeyNorms) return { ...plain, ...scores, ...scale };
  const queryNorm = await norm("self_attn.q_norm", headWidth);
  return { ...plain, ...scores, ...scale, queryNorm, keyNorm: await norm("self_attn.k_norm", headWidth) };
}
