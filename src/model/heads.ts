import type { Parameter, Value } from "../device/plan.js";
import type { Activation } from "./activation.js";
import type { Config } from "./config.js";
import { loadLayerNorm, recordNorm } from "./layers.js";
import { type Linear, loadLinear, recordLinear } from "./linear.js";
import type { NetworkHead } from "./network.js";
import type { Recording } from "./recording.js";
import type { Weights } from "./weights.js";

/** A language model's head that is one linear map: logits of the vocabulary. */
export function languageHead(kind: "causal" | "masked", linear: Linear): NetworkHead {
  const record = (run: Recording, x: Value, rows: Parameter) => recordLinear(run, x, linear, { rows });
  return { kind, labels: [], width: linear.outputs, readout: { decoder: linear }, linear, record };
}

/** Where the heads of a family of encoders find their numbers. */
export interface EncoderHeadNames {
  readonly masked: MaskedHeadNames;
  readonly sequence: { readonly dense: string; readonly activation: Activation; readonly out: string };
}

/** Names of the tensors of a masked language model's head, whose weights a file that leaves them out ties to the words. */
export interface MaskedHeadNames {
  readonly dense: string;
  readonly norm: string;
  readonly decoder: string;
  /** Where a file may keep the decoder's bias; the last one if it has none of them. */
  readonly biases: readonly string[];
  /** The family's own, where it is not that of the layers. */
  readonly activation?: Activation;
}

/** Sizes of an encoder that its heads share. */
export interface EncoderHeadSizes {
  readonly width: number;
  /** Of the embeddings. */
  readonly embedding: number;
  readonly vocabulary: number;
  readonly epsilon: number;
  readonly activation: Activation;
}

/**
 * Loads an encoder's head: the classifier that the config's `architectures` names, read from a sequence's first token;
 * a masked language model's where the config asks for it, or says nothing, and the file has it; else none.
 */
export async function loadEncoderHead(
  config: Config,
  weights: Weights,
  sizes: EncoderHeadSizes,
  { masked, sequence }: EncoderHeadNames,
): Promise<NetworkHead | null> {
  const { width } = sizes;
  const kind = config.headKind();
  if (kind === "token-classification") return loadTokenClassifier(config, weights, width);
  if (kind === "sequence-classification") {
    const { dense: name, activation, out } = sequence;
    return loadSequenceClassifier(config, weights, { width, dense: { name, activation }, out });
  }
  const asked = kind === "masked" || kind === null;
  return asked && weights.has(`${masked.dense}.weight`) ? loadMaskedHead(weights, masked, sizes) : null;
}

/** Loads decoder(norm(activation(dense(x)))), the head of BERT and its kin. */
async function loadMaskedHead(weights: Weights, names: MaskedHeadNames, sizes: EncoderHeadSizes): Promise<NetworkHead> {
  const { width, embedding, vocabulary, epsilon } = sizes;
  const { activation = sizes.activation } = names;
  const dense = await loadDense(weights, names.dense, width, embedding);
  const norm = await loadLayerNorm(weights, names.norm, embedding, epsilon);
  const tied = !weights.has(`${names.decoder}.weight`);
  const matrix = tied ? "embeddings.word_embeddings.weight" : `${names.decoder}.weight`;
  const bias = names.biases.find((name) => weights.has(name)) ?? names.biases.at(-1)!;
  const decoder = await loadLinear(weights, { names: [matrix], biases: [bias], inputs: embedding, outputs: [vocabulary] }); // biome-ignore format: one line
  return {
    kind: "masked",
    labels: [],
    width: vocabulary,
    readout: { dense, norm, decoder },
    record(run, x, rows) {
      const hidden = recordLinear(run, x, dense, { activation, rows });
      return recordLinear(run, recordNorm(run, hidden, norm, { rows }), decoder, { rows });
    },
  };
}

/** Loads a classifier of tokens: one linear map, under `name`. */
export async function loadTokenClassifier(
  config: Config,
  weights: Weights,
  width: number,
  name = "classifier",
): Promise<NetworkHead> {
  const labels = config.labels();
  const linear = await loadDense(weights, name, width, labels.length);
  const record = (run: Recording, x: Value, rows: Parameter) => recordLinear(run, x, linear, { rows });
  return { kind: "token-classification", labels, width: labels.length, record };
}

/** Loads what scores every token by one number: a linear map and a nonlinearity, then a linear map. */
export async function loadTokenScore(
  weights: Weights,
  width: number,
  { dense, activation, out, label }: { readonly [name in "dense" | "out" | "label"]: string } & { readonly activation: Activation }, // biome-ignore format: one line
): Promise<NetworkHead> {
  const first = await loadDense(weights, dense, width, width);
  const last = await loadDense(weights, out, width, 1);
  const record = (run: Recording, x: Value, rows: Parameter) =>
    recordLinear(run, recordLinear(run, x, first, { activation, rows }), last, { rows });
  return { kind: "token-scores", labels: [label], width: 1, record };
}

/** What a classifier of sequences is made of. */
export interface SequenceClassifier {
  readonly width: number;
  /** A linear map and a nonlinearity before the classes, where there are. */
  readonly dense?: { readonly name: string; readonly activation: Activation };
  /** The linear map to the classes. */
  readonly out: string;
  /** The position of the token that is read; the first one where left out. */
  readonly reads?: (ids: Uint32Array) => number;
}

/** Loads a classifier of sequences. */
export async function loadSequenceClassifier(
  config: Config,
  weights: Weights,
  { width, dense, out, reads = () => 0 }: SequenceClassifier,
): Promise<NetworkHead> {
  const labels = config.labels();
  const kind = givesScores(config, labels) ? "sequence-scores" : "sequence-classification";
  const first = dense && (await loadDense(weights, dense.name, width, width));
  const last = await loadDense(weights, out, width, labels.length);
  return {
    kind,
    labels,
    width: labels.length,
    reads,
    record(run, x, rows) {
      const hidden = first ? recordLinear(run, x, first, { activation: dense.activation, rows }) : x;
      return recordLinear(run, hidden, last, { rows });
    },
  };
}

/** Whether a classifier of sequences gives scores, of which none excludes another: where nothing is said, one label is a regression. */
function givesScores(config: Config, labels: readonly string[]): boolean {
  const types = ["single_label_classification", "multi_label_classification", "regression"] as const;
  return config.choice("problem_type", types, labels.length === 1 ? "regression" : types[0]) !== types[0];
}

/** Which tensors the classifiers of a family of decoders have. */
export interface DecoderHeadNames {
  readonly sequence: string;
  readonly token: string;
}

/**
 * Loads a decoder's head: the classifier that the config's `architectures` names, read from a sequence's last token
 * that is not padding, else the head of the language model, else none.
 *
 *     const head = await loadDecoderHead(config, weights, width, () => loadLanguageHead(config, weights, sizes));
 */
export async function loadDecoderHead(
  config: Config,
  weights: Weights,
  width: number,
  language: () => Promise<NetworkHead | null>,
  { sequence, token }: DecoderHeadNames = { sequence: "score", token: "score" },
): Promise<NetworkHead | null> {
  const kind = config.headKind();
  if (kind === "token-classification") return loadTokenClassifier(config, weights, width, token);
  if (kind !== "sequence-classification") return language();
  const reads = lastContentToken(config.values.pad_token_id);
  return loadSequenceClassifier(config, weights, { width, out: sequence, reads });
}

/** The position of the last token that is not padding; of the first token where all are. */
function lastContentToken(padding: unknown): (ids: Uint32Array) => number {
  return (ids) =>
    Math.max(
      0,
      ids.findLastIndex((id) => id !== padding),
    );
}

/** A linear map whose bias a file may leave out. */
function loadDense(weights: Weights, name: string, inputs: number, outputs: number): Promise<Linear> {
  const biases = weights.has(`${name}.bias`) ? [`${name}.bias`] : [];
  return loadLinear(weights, { names: [`${name}.weight`], biases, inputs, outputs: [outputs] });
}
