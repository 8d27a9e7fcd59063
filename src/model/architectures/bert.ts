import type { Parameter, Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { loadLayerNorm, loadTable, type Norm, recordEmbedding, recordHidden, recordNorm } from "../layers.js";
import { type Linear, loadLinear, recordLinear } from "../linear.js";
import type { Architecture, BodyOutput } from "../network.js";
import type { Recording } from "../recording.js";
import { recordAttention, type SelfAttention } from "../self-attention.js";
import { type ModelSite, transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * BERT (Devlin et al. 2019): a post-norm encoder, token type 0 everywhere, with its masked-LM head
 * where the file has one.
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
    const head = weights.has(`${headName}.transform.dense.weight`) ? await loadHead(weights, sizes) : null;
    return {
      head: head ? "masked" : "none",
      sites: sitesOf(sizes, head !== null),
      layers: sizes.layers,
      heads: sizes.heads,
      encoder: null,
      vocabulary,
      maximumTokens: positions,
      recurrence: null,
      recordBody(run) {
        let x = recordNorm(run, recordEmbedding(run, words, places, types), norm);
        run.site("embed", x);
        layers.forEach((layer, n) => {
          x = recordLayer(run, `layers.${n}`, x, layer, sizes);
        });
        return { last: x, residual: x } satisfies BodyOutput;
      },
      recordLogits: (run, x, rows) => recordHead(run, x, rows, head!),
    };
  },
};

const headName = "cls.predictions";

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

function sitesOf({ layers, width, hidden, vocabulary }: Sizes, hasHead: boolean): ModelSite[] {
  const keyWidth = width;
  return transformerSites({ layers, width, keyWidth, hidden, ...(hasHead && { logits: vocabulary }) });
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

interface MaskedHead {
  readonly transform: Linear;
  readonly norm: Norm;
  readonly decoder: Linear;
  readonly activation: Sizes["activation"];
}

/** The decoder's weights are the word embeddings where the file leaves them out. */
async function loadHead(weights: Weights, { width, vocabulary, epsilon, activation }: Sizes): Promise<MaskedHead> {
  const untied = weights.has(`${headName}.decoder.weight`);
  const bias = weights.has(`${headName}.bias`) ? `${headName}.bias` : `${headName}.decoder.bias`;
  const decoder = untied ? `${headName}.decoder.weight` : "embeddings.word_embeddings.weight";
  return {
    transform: await loadLinear(weights, {
      names: [`${headName}.transform.dense.weight`],
      biases: [`${headName}.transform.dense.bias`],
      inputs: width,
      outputs: [width],
    }),
    norm: await loadLayerNorm(weights, `${headName}.transform.LayerNorm`, width, epsilon),
    decoder: await loadLinear(weights, { names: [decoder], biases: [bias], inputs: width, outputs: [vocabulary] }),
    activation,
  };
}

function recordHead(run: Recording, x: Value, rows: Parameter, head: MaskedHead): Value {
  const { transform, norm, decoder, activation } = head;
  const transformed = recordLinear(run, x, transform, { activation, rows });
  return recordLinear(run, recordNorm(run, transformed, norm, { rows }), decoder, { rows });
}
