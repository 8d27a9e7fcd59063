import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { asksFor, loadMaskedHead, loadSequenceClassifier, loadTokenClassifier } from "../heads.js";
import { loadLayerNorm, loadTable, type Norm, recordHidden, recordNorm, recordTables } from "../layers.js";
import { type Linear, loadLinear, recordLinear } from "../linear.js";
import type { Architecture, NetworkHead } from "../network.js";
import type { Recording } from "../recording.js";
import { recordAttention, type SelfAttention } from "../self-attention.js";
import { transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * BERT (Devlin et al. 2019): a post-norm encoder, token type 0 everywhere, with its masked-LM head
 * where the file has one, or a classifier.
 */
export const bert: Architecture = {
  prefix: "bert.",
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, epsilon, vocabulary, positions } = sizes;
    const words = await loadTable(weights, "embeddings.word_embeddings.weight", vocabulary, width);
    const places = await loadTable(weights, "embeddings.position_embeddings.weight", positions, width);
    const types = await loadTable(weights, "embeddings.token_type_embeddings.weight", sizes.types, width);
    const norm = await loadLayerNorm(weights, "embeddings.LayerNorm", width, epsilon);
    const layers: Layer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes));
    const head = await loadHead(config, weights, sizes);
    return {
      head,
      sites: transformerSites({ ...sizes, keyWidth: width, head }),
      layers: sizes.layers,
      heads: sizes.heads,
      encoder: null,
      vocabulary,
      maximumTokens: positions,
      recurrence: null,
      recordEmbed(run) {
        const x = recordNorm(run, recordTables(run, words, places, types), norm);
        run.site("embed", x);
        return x;
      },
      recordLayer: (run, n, x) => recordLayer(run, `layers.${n}`, x, layers[n]!, sizes),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  if (width % heads !== 0) throw config.refuse("num_attention_heads", `a divisor of the hidden size ${width}`);
  config.choice("position_embedding_type", ["absolute"], "absolute");
  return {
    width,
    heads,
    hidden: config.count("intermediate_size"),
    layers: config.count("num_hidden_layers"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("max_position_embeddings"),
    types: config.count("type_vocab_size", 2),
    epsilon: config.number("layer_norm_eps", 1e-12),
    activation: config.activation("hidden_act", "gelu"),
  };
}

interface Layer {
  readonly attention: SelfAttention;
  readonly out: Linear;
  readonly attentionNorm: Norm;
  readonly up: Linear;
  readonly down: Linear;
  readonly norm: Norm;
}

async function loadLayer(weights: Weights, n: number, { width, heads, hidden, epsilon }: Sizes): Promise<Layer> {
  const at = `encoder.layer.${n}`;
  const dense = (name: string, inputs: number, outputs: number) =>
    loadLinear(weights, {
      names: [`${at}.${name}.weight`],
      biases: [`${at}.${name}.bias`],
      inputs,
      outputs: [outputs],
    });
  const parts = ["query", "key", "value"].map((part) => `${at}.attention.self.${part}`);
  const projection = await loadLinear(weights, {
    names: parts.map((part) => `${part}.weight`),
    biases: parts.map((part) => `${part}.bias`),
    inputs: width,
    outputs: [width, width, width],
  });
  return {
    attention: { heads, keyHeads: heads, headWidth: width / heads, causal: false, projection },
    out: await dense("attention.output.dense", width, width),
    attentionNorm: await loadLayerNorm(weights, `${at}.attention.output.LayerNorm`, width, epsilon),
    up: await dense("intermediate.dense", width, hidden),
    down: await dense("output.dense", hidden, width),
    norm: await loadLayerNorm(weights, `${at}.output.LayerNorm`, width, epsilon),
  };
}

function recordLayer(run: Recording, at: string, x: Value, layer: Layer, { activation }: Sizes): Value {
  const heads = recordAttention(run, at, x, layer.attention);
  const attended = recordLinear(run, heads, layer.out);
  run.site(`${at}.attention.out`, attended);
  const middle = recordNorm(run, attended, layer.attentionNorm, { residual: x });
  const hidden = recordHidden(run, at, middle, layer.up, activation);
  const down = recordLinear(run, hidden, layer.down);
  run.site(`${at}.mlp.out`, down);
  const out = recordNorm(run, down, layer.norm, { residual: middle });
  run.site(`${at}.residual`, out);
  return out;
}

const maskedHead = {
  dense: "cls.predictions.transform.dense",
  norm: "cls.predictions.transform.LayerNorm",
  decoder: "cls.predictions.decoder",
  biases: ["cls.predictions.bias", "cls.predictions.decoder.bias"],
  embedding: "embeddings.word_embeddings.weight",
} as const;

async function loadHead(config: Config, weights: Weights, sizes: Sizes): Promise<NetworkHead | null> {
  const { width } = sizes;
  const kind = config.headKind();
  if (kind === "token-classification") return loadTokenClassifier(config, weights, width);
  if (kind === "sequence-classification") {
    const dense = { name: "pooler.dense", activation: "tanh" } as const;
    return loadSequenceClassifier(config, weights, { width, dense, out: "classifier" });
  }
  const masked = asksFor("masked", config, weights, `${maskedHead.dense}.weight`);
  return masked ? loadMaskedHead(weights, maskedHead, sizes) : null;
}
