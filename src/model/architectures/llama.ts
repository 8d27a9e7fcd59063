import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { loadDecoderHead } from "../heads.js";
import {
  loadRmsNorm,
  loadTable,
  type Norm,
  recordEmbedding,
  recordFinal,
  recordGated,
  recordNorm,
  recordProjection,
} from "../layers.js";
import { type Linear, loadLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { Recording } from "../recording.js";
import { rotaryAngles } from "../rotary.js";
import { recordAttention, type SelfAttention } from "../self-attention.js";
import { transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/** Llama (Touvron et al. 2023): a pre-norm decoder with RMS norms, rotary positions, shared key heads and a gated MLP. */
export const llama: Architecture = {
  prefix: "model.",
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, vocabulary, positions, epsilon } = sizes;
    const words = await loadTable(weights, "embed_tokens.weight", vocabulary, width);
    const angles = rotaryAngles(config.rotary(), sizes.headWidth, positions);
    const rotary = { rows: positions, width: sizes.headWidth, buffer: weights.keep(weights.device.upload(angles)) };
    const layers: Layer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes, rotary));
    const norm = await loadRmsNorm(weights, "norm", width, epsilon);
    const head = await loadDecoderHead(config, weights, width, () => loadLanguageHead(config, weights, sizes));
    return {
      head,
      sites: transformerSites({ ...sizes, gated: true, final: true, head }),
      layers: sizes.layers,
      heads: sizes.heads,
      encoder: null,
      vocabulary,
      maximumTokens: positions,
      recurrence: null,
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (run, n, x) => recordLayer(run, `layers.${n}`, x, layers[n]!, sizes),
      recordFinal: (run, x) => recordFinal(run, x, norm),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  const keyHeads = config.count("num_key_value_heads", heads);
  if (heads % keyHeads !== 0) throw config.refuse("num_key_value_heads", `a divisor of the ${heads} attention heads`);
  const headWidth = config.count("head_dim", Math.floor(width / heads));
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
    positions: config.count("max_position_embeddings"),
    epsilon: config.number("rms_norm_eps", 1e-6),
    activation: config.activation("hidden_act", "silu"),
    attentionBias: config.flag("attention_bias", false),
    mlpBias: config.flag("mlp_bias", false),
  };
}

interface Layer {
  readonly attentionNorm: Norm;
  readonly attention: SelfAttention;
  readonly out: Linear;
  readonly norm: Norm;
  readonly gateAndUp: Linear;
  readonly down: Linear;
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes, rotary: SelfAttention["rotary"]): Promise<Layer> {
  const { width, heads, keyHeads, headWidth, headsWidth, keyWidth, hidden, epsilon } = sizes;
  const at = `layers.${n}`;
  const load = (names: readonly string[], inputs: number, outputs: readonly number[], biased: boolean) => {
    const biases = biased ? names.map((name) => `${at}.${name}.bias`) : [];
    return loadLinear(weights, { names: names.map((name) => `${at}.${name}.weight`), biases, inputs, outputs });
  };
  const parts = ["q_proj", "k_proj", "v_proj"].map((part) => `self_attn.${part}`);
  const projection = await load(parts, width, [headsWidth, keyWidth, keyWidth], sizes.attentionBias);
  return {
    attentionNorm: await loadRmsNorm(weights, `${at}.input_layernorm`, width, epsilon),
    attention: { heads, keyHeads, headWidth, causal: true, projection, ...(rotary && { rotary }) },
    out: await load(["self_attn.o_proj"], headsWidth, [width], sizes.attentionBias),
    norm: await loadRmsNorm(weights, `${at}.post_attention_layernorm`, width, epsilon),
    gateAndUp: await load(["mlp.gate_proj", "mlp.up_proj"], width, [hidden, hidden], sizes.mlpBias),
    down: await load(["mlp.down_proj"], hidden, [width], sizes.mlpBias),
  };
}

function recordLayer(run: Recording, at: string, x: Value, layer: Layer, { activation }: Sizes): Value {
  const heads = recordAttention(run, at, recordNorm(run, x, layer.attentionNorm), layer.attention);
  const middle = recordProjection(run, `${at}.attention.out`, heads, layer.out, x);
  const hidden = recordGated(run, at, recordNorm(run, middle, layer.norm), layer.gateAndUp, activation);
  const out = recordProjection(run, `${at}.mlp.out`, hidden, layer.down, middle);
  run.site(`${at}.residual`, out);
  return out;
}

/** The head's weights are the word embeddings where the config ties them or the file leaves them out. */
function loadLanguageHead(config: Config, weights: Weights, { width, vocabulary }: Sizes): Promise<Linear> {
  const tied = config.flag("tie_word_embeddings", false) || !weights.has("lm_head.weight");
  const names = [tied ? "embed_tokens.weight" : "lm_head.weight"];
  return loadLinear(weights, { names, inputs: width, outputs: [vocabulary] });
}
