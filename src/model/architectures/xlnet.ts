import type { Value } from "../../device/plan.js";
import type { Config } from "../config.js";
import { languageHead, loadSequenceClassifier, loadTokenClassifier } from "../heads.js";
import { initialDeviation } from "../initial-weights.js";
import {
  loadLayerNorm,
  loadTable,
  type Norm,
  recordEmbedding,
  recordHidden,
  recordNorm,
  recordProjection,
} from "../layers.js";
import { type Linear, loadLinear, prepareLinear } from "../linear.js";
import type { Architecture, NetworkHead } from "../network.js";
import type { Recording } from "../recording.js";
import { type RelativeAttention, recordRelativeAttention, Sinusoids } from "../relative-attention.js";
import { transformerSites } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * XLNet (Yang et al. 2019) as an encoder: its content stream over the whole text, with relative positions and
 * segments; the query stream of pre-training is left out. Its tokenizer ends a text with `<cls>`, of a type of its own,
 * which a classifier of sequences reads.
 */
export const xlnet: Architecture = {
  prefix: "transformer.",
  initial: (name, _shape, config) =>
    /rel_attn\.r_[wrs]_bias$/.test(name) ? { kind: "normal", deviation: initialDeviation(config) } : null,
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, heads, headsWidth, vocabulary } = sizes;
    const words = await loadTable(weights, "word_embedding.weight", vocabulary, width);
    const sinusoids = new Sinusoids(weights, width, sizes.clamp);
    const layers: Layer[] = [];
    for (let n = 0; n < sizes.layers; n++) layers.push(await loadLayer(weights, n, sizes, sinusoids));
    const head = await loadHead(config, weights, sizes);
    return {
      head,
      sites: transformerSites({ ...sizes, keyWidth: headsWidth, head }),
      layers: sizes.layers,
      heads,
      encoder: null,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      tokenTypes: 4,
      specialType: { token: "<cls>", type: 2 },
      recurrence: null,
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (run, n, x) => recordLayer(run, `layers.${n}`, x, layers[n]!, sizes),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const width = config.count("d_model");
  const heads = config.count("n_head");
  if (width % heads !== 0) throw config.refuse("n_head", `a divisor of the width ${width}`);
  if (width % 2 !== 0) throw config.refuse("d_model", "an even number");
  const headWidth = config.count("d_head", width / heads);
  config.choice("attn_type", ["bi"], "bi");
  for (const key of ["bi_data", "same_length"]) if (config.flag(key, false)) throw config.refuse(key, "false");
  return {
    width,
    heads,
    headWidth,
    headsWidth: heads * headWidth,
    hidden: config.count("d_inner"),
    layers: config.count("n_layer"),
    vocabulary: config.count("vocab_size"),
    clamp: Math.max(0, config.number("clamp_len", -1)),
    epsilon: config.positive("layer_norm_eps", 1e-12),
    activation: config.activation("ff_activation", "gelu"),
  };
}

interface Layer {
  readonly attention: RelativeAttention;
  readonly out: Linear;
  readonly attentionNorm: Norm;
  readonly up: Linear;
  readonly down: Linear;
  readonly norm: Norm;
}

async function loadLayer(weights: Weights, n: number, sizes: Sizes, sinusoids: Sinusoids): Promise<Layer> {
  const { width, heads, headWidth, headsWidth, hidden, epsilon } = sizes;
  const at = `layer.${n}`;
  const dense = (name: string, inputs: number, outputs: number) =>
    loadLinear(weights, {
      names: [`${at}.${name}.weight`],
      biases: [`${at}.${name}.bias`],
      inputs,
      outputs: [outputs],
    });
  const project = async (...parts: string[]) => {
    const matrices: Float32Array[] = [];
    for (const part of parts) matrices.push(await weights.read(`${at}.rel_attn.${part}`, [width, heads, headWidth]));
    const [matrix, outputs] = [sideBySide(matrices, headsWidth), parts.length * headsWidth];
    return prepareLinear(weights, { matrix, bias: null, inputs: width, outputs, layout: "inner × columns" });
  };
  const out = await weights.read(`${at}.rel_attn.o`, [width, heads, headWidth]);
  const projection = await project("q", "k", "v");
  const biases = weights.keep(weights.device.upload(await readBiases(weights, `${at}.rel_attn`, sizes)));
  return {
    attention: { heads, headWidth, projection, places: await project("r"), biases, sinusoids },
    out: prepareLinear(weights, { matrix: out, bias: null, inputs: headsWidth, outputs: width }),
    attentionNorm: await loadLayerNorm(weights, `${at}.rel_attn.layer_norm`, width, epsilon),
    up: await dense("ff.layer_1", width, hidden),
    down: await dense("ff.layer_2", hidden, width),
    norm: await loadLayerNorm(weights, `${at}.ff.layer_norm`, width, epsilon),
  };
}

/** What queries are added for keys, distances and types, and the other segment's embedding minus the same one's. */
async function readBiases(weights: Weights, at: string, { heads, headWidth }: Sizes): Promise<Float32Array> {
  const rows: Float32Array[] = [];
  for (const part of ["r_w_bias", "r_r_bias", "r_s_bias"])
    rows.push(await weights.read(`${at}.${part}`, [heads, headWidth]));
  const segments = await weights.read(`${at}.seg_embed`, [2, heads, headWidth]);
  const width = heads * headWidth;
  const other = segments.subarray(width).map((value, i) => value - segments[i]!);
  return Float32Array.from([...rows, other].flatMap((row) => [...row]));
}

/** Matrices of `columns` columns as one. */
function sideBySide(matrices: readonly Float32Array[], columns: number): Float32Array {
  const all = matrices.length * columns;
  const whole = new Float32Array(matrices.reduce((sum, { length }) => sum + length, 0));
  matrices.forEach((matrix, part) => {
    for (let row = 0; row * columns < matrix.length; row++) {
      whole.set(matrix.subarray(row * columns, (row + 1) * columns), row * all + part * columns);
    }
  });
  return whole;
}

function recordLayer(run: Recording, at: string, x: Value, layer: Layer, { activation }: Sizes): Value {
  const heads = recordRelativeAttention(run, at, x, layer.attention);
  const middle = recordNorm(
    run,
    recordProjection(run, `${at}.attention.out`, heads, layer.out, x),
    layer.attentionNorm,
  );
  const hidden = recordHidden(run, at, middle, layer.up, activation);
  const out = recordNorm(run, recordProjection(run, `${at}.mlp.out`, hidden, layer.down, middle), layer.norm);
  run.site(`${at}.residual`, out);
  return out;
}

/** The language model's head reads what stands at a token itself: with masked tokens it is a masked model's. */
async function loadHead(config: Config, weights: Weights, sizes: Sizes): Promise<NetworkHead | null> {
  const { width, vocabulary } = sizes;
  const kind = config.headKind();
  if (kind === "token-classification") return loadTokenClassifier(config, weights, width);
  if (kind === "sequence-classification") return loadSummary(config, weights, width);
  if (kind === "none" || !weights.has("lm_loss.bias")) return null;
  const tied = !weights.has("lm_loss.weight");
  const names = [tied ? "word_embedding.weight" : "lm_loss.weight"];
  return languageHead("masked", await loadLinear(weights, { names, biases: ["lm_loss.bias"], inputs: width, outputs: [vocabulary] })); // biome-ignore format: one line
}

function loadSummary(config: Config, weights: Weights, width: number): Promise<NetworkHead> {
  const type = config.choice("summary_type", ["last", "first", "cls_index"], "last");
  if (!config.flag("summary_use_proj", true)) throw config.refuse("summary_use_proj", "true");
  return loadSequenceClassifier(config, weights, {
    width,
    dense: { name: "sequence_summary.summary", activation: config.activation("summary_activation", "linear") },
    out: "logits_proj",
    reads: type === "first" ? () => 0 : (ids) => ids.length - 1,
  });
}
