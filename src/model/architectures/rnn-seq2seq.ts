import { type AttendingDecoder, recordAttendingDecoder } from "../attending-decoder.js";
import type { Config } from "../config.js";
import { checkGenerates, readDecoding } from "../encoder-decoder.js";
import { languageHead } from "../heads.js";
import { torchWeights } from "../initial-weights.js";
import { loadTable, recordEmbedding } from "../layers.js";
import { loadLinear, prepareLinear } from "../linear.js";
import type { Architecture, Recurrence } from "../network.js";
import type { Recording } from "../recording.js";
import type { RecurrentLayer } from "../recurrent-cell.js";
import { loadBridge } from "../recurrent-encoder.js";
import { cutColumns, loadRecurrentLayer } from "../recurrent-layer.js";
import { type RecurrentWidths, recurrentSites } from "../recurrent-sites.js";
import { readRecurrentSizes } from "../recurrent-sizes.js";
import { loadRecurrentStack, recordStackLayer } from "../recurrent-stack.js";
import { logitsOf, type ModelSite, sitesOfStack } from "../sites.js";
import type { Weights } from "../weights.js";

/**
 * Recurrent encoder-decoders with attention (Luong et al. 2015, as Bau et al. 2019 study them), in the torch layout:
 * `encoder.embedding`, `encoder.rnn` (stacked nn.LSTM or nn.GRU), `decoder.embedding`, `decoder.rnn`, whose state
 * begins with the encoder's last one, `decoder.attention` (nn.Linear without bias, `attention: "general"`; none for
 * `"dot"`), `decoder.combine` (nn.Linear without bias, of context and hidden state) and `generator`. Scores are
 * softmax(h·W·encoder); the attentional state is tanh(combine([context; h])), the site `cross.out` of the last layer.
 * With `input_feeding` it stands behind the embedding in the next step's input.
 *
 * With `bidirectional` the encoder reads in both directions, as OpenNMT's does: each has hidden_size / 2 units, and
 * states and last states stand side by side. With `bridge` last states go through OpenNMT's bridge.
 */
export const rnnSeq2seq: Architecture = {
  prefix: "model.",
  initial: torchWeights,
  async build(config, weights) {
    checkGenerates(config);
    const sizes = readSizes(config);
    const { width, vocabulary, sourceVocabulary, embedding, layers, encoder: encoded } = sizes;
    const sources = await loadTable(weights, "encoder.embedding.weight", sourceVocabulary, embedding);
    const words = await loadTable(weights, "decoder.embedding.weight", vocabulary, embedding);
    const encoder = await loadRecurrentStack(weights, "encoder.rnn", encoded);
    const decoder = await loadDecoder(weights, sizes);
    const head = languageHead("causal", await loadLinear(weights, { names: ["generator.weight"], biases: ["generator.bias"], inputs: width, outputs: [vocabulary] })); // biome-ignore format: one line
    return {
      head,
      sites: [
        ...sitesOfStack("encoder", recurrentSites(encoded)),
        ...sitesOfStack("decoder", [...recurrentSites(sizes), ...attentionSites(sizes), ...logitsOf(head)]),
      ],
      layers,
      heads: 0,
      encoder: {
        layers,
        heads: 0,
        vocabulary: sourceVocabulary,
        maximumTokens: Number.POSITIVE_INFINITY,
        ...readDecoding(config),
        recurrence: recurrenceOf(encoded),
        record(run) {
          const x = recordEmbedding(run, sources);
          return encoder.reduce((hidden, layer, n) => recordStackLayer(run, n, hidden, layer), x);
        },
      },
      vocabulary,
      maximumTokens: Number.POSITIVE_INFINITY,
      recurrence: { ...recurrenceOf(sizes), ...(sizes.feeding && { feeding: true }) },
      recordEmbed: (run) => recordEmbedding(run, words),
      // A step feeds the next one through all layers: they are recorded together, in the place of the last.
      recordLayer: (run, n, x) => (n + 1 < layers ? x : recordAttendingDecoder(run, x, decoder)),
      recordFinal: (_: Recording, x) => ({ last: x, residual: x }),
    };
  },
};

type Sizes = ReturnType<typeof readSizes>;

function readSizes(config: Config) {
  const { directions, ...sizes } = readRecurrentSizes(config);
  if (directions && sizes.width % 2 !== 0) throw config.refuse("hidden_size", "an even number for an encoder that reads in both directions"); // biome-ignore format: one line
  return {
    ...sizes,
    encoder: directions ? { ...sizes, width: sizes.width / 2, directions } : sizes,
    bridge: config.flag("bridge", false),
    sourceVocabulary: config.count("source_vocab_size", sizes.vocabulary),
    attention: config.choice("attention", ["general", "dot"], "general"),
    feeding: config.flag("input_feeding", true),
  };
}

function recurrenceOf({ cell, width, layers, directions }: RecurrentWidths): Recurrence {
  const passes = directions?.length ?? 1;
  return { vectors: cell === "lstm" ? 2 : 1, width, layers: layers * passes, directions: directions ? 2 : 1 };
}

function attentionSites({ layers, width, attention }: Sizes): ModelSite[] {
  const at = `layers.${layers - 1}.cross`;
  return [
    ...(attention === "general" ? [{ name: `${at}.query`, width }] : []),
    { name: `${at}.scores`, width: null },
    { name: `${at}.heads`, width },
    { name: `${at}.out`, width },
  ];
}

function loadLayer(weights: Weights, name: string, n: number, { cell, width, embedding }: Sizes) {
  return loadRecurrentLayer(weights, n, { cell, inputs: n === 0 ? embedding : width, width, name });
}

async function loadDecoder(weights: Weights, sizes: Sizes): Promise<AttendingDecoder> {
  const { cell, width, layers, attention, feeding } = sizes;
  const name = "decoder.rnn";
  const first = feeding
    ? await loadFed(weights, sizes)
    : { layer: await loadLayer(weights, name, 0, sizes), feed: null };
  const others: RecurrentLayer[] = [];
  for (let n = 1; n < layers; n++) others.push(await loadLayer(weights, name, n, sizes));
  const square = { inputs: width, outputs: width };
  const combine = await weights.read("decoder.combine.weight", [width, 2 * width]);
  const part = (from: number) => prepareLinear(weights, { matrix: cutColumns(combine, 2 * width, from, width), bias: null, ...square }); // biome-ignore format: one line
  return {
    layers: [first.layer, ...others],
    feed: first.feed,
    query: attention === "dot" ? null : await loadLinear(weights, { names: ["decoder.attention.weight"], inputs: width, outputs: [width] }), // biome-ignore format: one line
    context: part(0),
    hidden: part(width),
    width,
    encoderStates: { cell, width, layers, bridge: sizes.bridge ? await loadBridge(weights, sizes) : null },
  };
}

/** A first layer that reads an embedding and the attentional state behind it: the products of each stand apart. */
async function loadFed(weights: Weights, { cell, width, embedding }: Sizes) {
  const inputs = embedding + width;
  const layer = await loadRecurrentLayer(weights, 0, { cell, inputs, width, name: "decoder.rnn", read: embedding });
  const outputs = layer.recurrent.outputs;
  const matrix = await weights.read("decoder.rnn.weight_ih_l0", [outputs, inputs]);
  const feed = prepareLinear(weights, { matrix: cutColumns(matrix, inputs, embedding, width), bias: null, inputs: width, outputs }); // biome-ignore format: one line
  return { layer, feed };
}
