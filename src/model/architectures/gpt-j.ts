import { rotaryFrequencies, rotaryTable } from "../../kernels/rotary.js";
import type { Config } from "../config.js";
import { decoderNetwork, loadHead } from "../decoder.js";
import type { DecoderLayer } from "../decoder-layer.js";
import { loadLayerNorm, loadTable, recordEmbedding } from "../layers.js";
import { loadLinear } from "../linear.js";
import type { Architecture } from "../network.js";
import type { Rotation } from "../self-attention.js";
import type { Weights } from "../weights.js";

/** GPT-J (Wang and Komatsuzaki 2021): both blocks read one norm, and neighbouring columns of a head are rotated. */
export const gptJ: Architecture = {
  prefix: "transformer.",
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, vocabulary, positions, rotated, epsilon } = sizes;
    const words = await loadTable(weights, "wte.weight", vocabulary, width);
    const angles = weights.keep(weights.device.upload(rotaryTable(positions, rotaryFrequencies(rotated))));
    const rotation = { table: { rows: positions, width: rotated, buffer: angles }, pairs: "neighbours" } as const;
    const layers: DecoderLayer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes, rotation));
    const norm = await loadLayerNorm(weights, "ln_f", width, epsilon);
    const tensors = { names: ["lm_head.weight"], bias: "lm_head.bias", embedding: "wte.weight" };
    const head = await loadHead(config, weights, { ...tensors, width, vocabulary, tied: false });
    return decoderNetwork({ sizes, recordEmbed: (run) => recordEmbedding(run, words), layers, norm, head });
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("n_embd");
  const heads = config.count("n_head");
  if (width % heads !== 0) throw config.refuse("n_head", `a divisor of the width ${width}`);
  const rotated = config.count("rotary_dim", 64);
  if (rotated % 2 !== 0 || rotated > width / heads) {
    throw config.refuse("rotary_dim", `an even number up to the ${width / heads} columns of a head`);
  }
  return {
    width,
    heads,
    rotated,
    hidden: config.count("n_inner", 4 * width),
    layers: config.count("n_layer"),
    vocabulary: config.count("vocab_size"),
    positions: config.count("n_positions"),
    epsilon: config.number("layer_norm_epsilon", 1e-5),
    activation: config.activation("activation_function", "gelu_new"),
  };
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes, rotation: Rotation): Promise<DecoderLayer> {
  const { width, heads, hidden, epsilon, activation } = sizes;
  const at = `h.${n}`;
  const load = (names: readonly string[], inputs: number, outputs: readonly number[], biased: boolean) => {
    const biases = biased ? names.map((name) => `${at}.${name}.bias`) : [];
    return loadLinear(weights, { names: names.map((name) => `${at}.${name}.weight`), biases, inputs, outputs });
  };
  const parts = ["q", "k", "v"].map((part) => `attn.${part}_proj`);
  const projection = await load(parts, width, [width, width, width], false);
  return {
    order: "parallel",
    attentionNorm: await loadLayerNorm(weights, `${at}.ln_1`, width, epsilon),
    attention: { heads, keyHeads: heads, headWidth: width / heads, causal: true, projection, rotation },
    out: await load(["attn.out_proj"], width, [width], false),
    mlpNorm: null,
    mlp: {
      up: await load(["mlp.fc_in"], width, [hidden], true),
      down: await load(["mlp.fc_out"], hidden, [width], true),
      activation,
      kind: "plain",
    },
  };
}
