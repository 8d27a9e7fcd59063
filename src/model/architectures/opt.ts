import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { decoderNetwork, loadHead } from "../decoder.js";
import type { DecoderLayer } from "../decoder-layer.js";
import {
  loadLayerNorm,
  loadTable,
  type Norm,
  recordEmbedding,
  recordRows,
  recordTables,
  type Table,
} from "../layers.js";
import { type Linear, loadLinear, recordLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { Recording } from "../recording.js";
import type { Weights } from "../weights.js";

/**
 * OPT (Zhang et al. 2022): learned positions behind two rows that nothing reads, ReLU, norms before the blocks (in the
 * size of 350M after them, without a last norm), and word embeddings that may be narrower than the residual stream.
 */
export const opt: Architecture = {
  prefix: "model.",
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, wordWidth, vocabulary, positions } = sizes;
    const words = await loadTable(weights, "decoder.embed_tokens.weight", vocabulary, wordWidth);
    const places = await loadTable(weights, "decoder.embed_positions.weight", positions, width, 2);
    const projectIn = await loadProjection(weights, "decoder.project_in.weight", wordWidth, width);
    const layers: DecoderLayer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes));
    const norm = sizes.lastNorm ? await loadNorm(weights, "decoder.final_layer_norm", sizes) : null;
    const projectOut = await loadProjection(weights, "decoder.project_out.weight", width, wordWidth);
    const tensors = { names: ["lm_head.weight"], embedding: "decoder.embed_tokens.weight" };
    const head = await loadHead(config, weights, { ...tensors, width: wordWidth, vocabulary, tied: true });
    return decoderNetwork({
      sizes,
      recordEmbed: (run) => recordEmbed(run, words, places, projectIn),
      layers,
      norm,
      ...(projectOut && { recordLast: (run: Recording, x: Value) => recordLinear(run, x, projectOut) }),
      head,
    });
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  if (width % heads !== 0) throw config.refuse("num_attention_heads", `a divisor of the hidden size ${width}`);
  const normsFirst = config.flag("do_layer_norm_before", true);
  return {
    width,
    heads,
    normsFirst,
    lastNorm: normsFirst && !config.flag("_remove_final_layer_norm", false),
    wordWidth: config.count("word_embed_proj_dim", width),
    hidden: config.count("ffn_dim"),
    layers: config.count("num_hidden_layers"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("max_position_embeddings"),
    activation: config.activation("activation_function", "relu"),
    biased: config.flag("enable_bias", true),
    weightedNorms: config.flag("layer_norm_elementwise_affine", true),
  };
}

/** The projections between word embeddings and residual stream; null where both are as wide. */
async function loadProjection(weights: Weights, name: string, inputs: number, outputs: number): Promise<Linear | null> {
  return inputs === outputs ? null : loadLinear(weights, { names: [name], inputs, outputs: [outputs] });
}

function recordEmbed(run: Recording, words: Table, places: Table, projectIn: Linear | null): Value {
  if (!projectIn) return recordEmbedding(run, words, places);
  const x = recordLinear(run, recordTables(run, words), projectIn, { residual: recordRows(run, places, "positions") });
  run.site("embed", x);
  return x;
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes): Promise<DecoderLayer> {
  const { width, heads, hidden, activation, biased, normsFirst } = sizes;
  const at = `decoder.layers.${n}`;
  const load = (names: readonly string[], inputs: number, outputs: readonly number[]) => {
    const biases = biased ? names.map((name) => `${at}.${name}.bias`) : [];
    return loadLinear(weights, { names: names.map((name) => `${at}.${name}.weight`), biases, inputs, outputs });
  };
  const parts = ["q", "k", "v"].map((part) => `self_attn.${part}_proj`);
  const projection = await load(parts, width, [width, width, width]);
  return {
    order: normsFirst ? "pre-norm" : "post-norm",
    attentionNorm: await loadNorm(weights, `${at}.self_attn_layer_norm`, sizes),
    attention: { heads, keyHeads: heads, headWidth: width / heads, causal: true, projection },
    out: await load(["self_attn.out_proj"], width, [width]),
    mlpNorm: await loadNorm(weights, `${at}.final_layer_norm`, sizes),
    mlp: { up: await load(["fc1"], width, [hidden]), down: await load(["fc2"], hidden, [width]), activation, kind: "plain" }, // biome-ignore format: one line
  };
}

/** A layer norm; ones and zeros where the config says that norms have no numbers. */
async function loadNorm(weights: Weights, name: string, { width, weightedNorms }: Sizes): Promise<Norm> {
  const epsilon = 1e-5;
  if (weightedNorms) return loadLayerNorm(weights, name, width, epsilon);
  const upload = (value: number) => weights.keep(weights.device.upload(new Float32Array(width).fill(value)));
  return { width, epsilon, weight: upload(1), bias: upload(0) };
}
