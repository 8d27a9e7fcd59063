import type { Config } from "../config.js";
import { languageHead } from "../heads.js";
import { torchWeights } from "../initial-weights.js";
import { loadTable, recordEmbedding } from "../layers.js";
import { prepareLinear } from "../linear.js";
import type { Architecture, NetworkHead } from "../network.js";
import type { RecurrentLayer } from "../recurrent-cell.js";
import { recordRecurrentLayer } from "../recurrent-layer.js";
import { recurrentSites } from "../recurrent-sites.js";
import { logitsOf } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * The multiplicative LSTM (Krause et al. 2016) of the sentiment neuron (Radford et al. 2017), one layer over bytes or
 * characters: m = (x·wmx) ⊙ (h·wmh); i, f, o = σ and u = tanh of x·wx + m·wh + b, in this order of columns;
 * c = f·c + i·u; h = o·tanh(c).
 *
 * Tensors are named by the variable scopes of the release and laid out as there, inputs × outputs: `embedding.w`
 * [vocab_size, embedding_size]; `rnn.wx` [embedding_size, 4·hidden_size], `rnn.wh` [hidden_size, 4·hidden_size],
 * `rnn.wmx` [embedding_size, hidden_size], `rnn.wmh` [hidden_size, hidden_size], `rnn.b`; `out.w` [hidden_size,
 * vocab_size], `out.b`. Weight norm: where `rnn.gx`, `rnn.gh`, `rnn.gmx` or `rnn.gmh` is there, each column of its
 * matrix is brought to that length.
 */
export const mlstm: Architecture = {
  prefix: "model.",
  /** As torch's LSTM begins, without biases and with columns of length 1. */
  initial(name, shape, config) {
    if (name.endsWith(".b")) return { kind: "constant", value: 0 };
    if (shape.length === 1) return null;
    return torchWeights(name.replace(/^out\./, "rnn."), shape, config);
  },
  async build(config, weights) {
    const sizes = readSizes(config);
    const { width, vocabulary, embedding, layers } = sizes;
    const words = await loadTable(weights, "embedding.w", vocabulary, embedding);
    const layer = await loadLayer(weights, sizes);
    const head = await loadHead(weights, sizes);
    return {
      head,
      sites: [...recurrentSites(sizes), ...logitsOf(head)],
      layers,
      heads: 0,
      encoder: null,
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      recurrence: { vectors: 2, width, layers, directions: 1 },
      recordEmbed: (run) => recordEmbedding(run, words),
      recordLayer: (run, n, x) => recordRecurrentLayer(run, n, x, layer),
      recordFinal: (_, x) => ({ last: x, residual: x }),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const layers = config.count("num_layers", 1);
  if (layers !== 1) throw config.refuse("num_layers", "1");
  return {
    cell: "lstm" as const,
    layers,
    width: config.count("hidden_size"),
    embedding: config.count("embedding_size"),
    vocabulary: config.count("vocab_size"),
  };
}

/** The gates' columns stand as i, f, o, u in the file, and as i, f, u, o in torch's layout, which the kernels have. */
async function loadLayer(weights: Weights, { width, embedding }: Sizes): Promise<RecurrentLayer> {
  const [four, torch] = [4 * width, [0, 1, 3, 2]];
  const load = async (part: string, inputs: number, outputs: number, bias: Float32Array | null = null) => {
    const normed = await readNormed(weights, part, inputs, outputs);
    const matrix = outputs === four ? moveBlocks(normed, width, torch) : normed;
    return prepareLinear(weights, { matrix, bias, inputs, outputs, layout: "inner × columns" });
  };
  const bias = moveBlocks(await weights.read("rnn.b", [four]), width, torch);
  return {
    cell: "lstm",
    width,
    input: await load("x", embedding, four, bias),
    recurrent: await load("h", width, four),
    recurrentBias: null,
    multiplier: { input: await load("mx", embedding, width), recurrent: await load("mh", width, width) },
  };
}

/** A matrix whose columns have the lengths that its gains say, where the file has gains. */
async function readNormed(weights: Weights, part: string, inputs: number, outputs: number): Promise<Float32Array> {
  const matrix = await weights.read(`rnn.w${part}`, [inputs, outputs]);
  if (!weights.has(`rnn.g${part}`)) return matrix;
  const gains = await weights.read(`rnn.g${part}`, [outputs]);
  const squares = new Float64Array(outputs);
  matrix.forEach((value, i) => {
    squares[i % outputs]! += value * value;
  });
  return matrix.map((value, i) => (value * gains[i % outputs]!) / Math.sqrt(Math.max(squares[i % outputs]!, 1e-12)));
}

/** Moves blocks of columns: block b of the result is block `order[b]` of each row. */
function moveBlocks(matrix: Float32Array, width: number, order: readonly number[]): Float32Array {
  const columns = order.length * width;
  const moved = new Float32Array(matrix.length);
  for (let row = 0; row < matrix.length; row += columns) {
    order.forEach((block, b) => {
      moved.set(matrix.subarray(row + block * width, row + (block + 1) * width), row + b * width);
    });
  }
  return moved;
}

async function loadHead(weights: Weights, { width, vocabulary }: Sizes): Promise<NetworkHead> {
  const matrix = await weights.read("out.w", [width, vocabulary]);
  const bias = await weights.read("out.b", [vocabulary]);
  const layout = "inner × columns";
  return languageHead("causal", prepareLinear(weights, { matrix, bias, inputs: width, outputs: vocabulary, layout }));
}
