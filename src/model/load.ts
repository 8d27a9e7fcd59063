import { basename, resolve } from "node:path";
import { ArgumentError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import { checkKnown } from "../core/suggest.js";
import type { Device } from "../device/device.js";
import { findArchitecture } from "./architectures/table.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { type Config, readConfig } from "./config.js";
import { Engine } from "./engine.js";
import { fingerprintFiles } from "./fingerprint.js";
import { freshWeights } from "./initial-weights.js";
import { logitLens } from "./logit-lens.js";
import type { Encoder, Forward, ForwardRequest, Head, Model } from "./model.js";
import { findModelFolder } from "./model-folder.js";
import type { Network } from "./network.js";
import type { ModelSite } from "./sites.js";
import { loadTokenizers, type Tokenizer, type Tokenizers } from "./tokenizer.js";
import { isVectorFile, readVectorFile } from "./vector-file.js";
import { Weights } from "./weights.js";

/** Where a model is to run. The device stays the caller's, and must be there as long as the model. */
export interface LoadOptions extends Progress {
  readonly device: Device;
  /** `random`: the files' weights are replaced by such as the family's training begins with. Default `file`. */
  readonly weights?: "file" | "random";
  /** Seeds random weights. Default 0. */
  readonly seed?: number;
}

/**
 * Loads a model from a directory in the Hugging Face layout (config.json, model.safetensors or its shards,
 * tokenizer.json or its vocabulary files), or from the hub by its id, as `org/name` or `org/name@revision`: what is
 * needed of it is downloaded where the cache of Hugging Face lacks it. A file of word vectors (`.vec` or `.txt`: GloVe,
 * fastText and word2vec as text; `.bin`: word2vec's binary format) is a model with the single site `embed`.
 *
 *     await using model = await loadModel("path/to/gpt2", { device });
 *
 * @throws FileError for a file that is missing or damaged, a family we do not know, a missing or misshapen tensor
 */
export async function loadModel(model: string, options: LoadOptions): Promise<Model> {
  const seed = randomSeed(options);
  const vectors = isVectorFile(model) ? await readVectorFile(model) : null;
  if (vectors && seed !== null) throw new ArgumentError("weights", "file for a file of vectors", "random");
  const { path, name } = vectors
    ? { path: resolve(model), name: basename(model) }
    : await findModelFolder(model, options);
  const config = vectors?.config ?? (await readConfig(path));
  const architecture = findArchitecture(config);
  const checkpoint = vectors?.checkpoint ?? (await readCheckpoint(path));
  const tokenizers: Tokenizers = vectors ?? (await loadTokenizers(path, config));
  const reader = seed === null ? vectors?.reader : freshWeights(config, architecture, seed);
  const weights = new Weights(options.device, checkpoint, architecture.prefix, reader);
  try {
    const network = await architecture.build(config, weights);
    checkVocabulary(config, tokenizers, network);
    await weights.settle();
    return new DeviceModel({ path, name, seed, config, checkpoint, tokenizers, weights, network });
  } catch (error) {
    weights[Symbol.dispose]();
    throw error;
  }
}

/** The seed of random weights; null where the files' are wanted. */
function randomSeed({ weights = "file", seed = 0 }: LoadOptions): number | null {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new ArgumentError("seed", "a whole number from 0 on", seed);
  return checkKnown("weights", weights, ["file", "random"]) === "random" ? seed : null;
}

function checkVocabulary(config: Config, tokenizers: Tokenizers, { vocabulary, encoder }: Network): void {
  const read = encoder?.vocabulary ?? vocabulary;
  for (const [tokenizer, ids] of [
    [tokenizers.tokenizer, read],
    [tokenizers.targetTokenizer, vocabulary],
  ] as const) {
    if (tokenizer.size > ids) throw config.refuse("vocab_size", `at least the tokenizer's ${tokenizer.size} ids`);
  }
}

interface Parts {
  readonly path: string;
  readonly name: string;
  /** Of random weights; null where they are the files'. */
  readonly seed: number | null;
  readonly config: Config;
  readonly checkpoint: Checkpoint;
  readonly tokenizers: Tokenizers;
  readonly weights: Weights;
  readonly network: Network;
}

class DeviceModel implements Model {
  readonly name: string;
  readonly #parts: Parts;
  readonly #engine: Engine;
  #fingerprint: Promise<string> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#engine = new Engine(parts.weights.device, parts.network);
  }

  get path(): string {
    return this.#parts.path;
  }
  get family(): string {
    return this.#parts.config.modelType;
  }
  get head(): Head {
    const { kind = "none", labels = [] } = this.#parts.network.head ?? {};
    return { kind, labels };
  }
  get device(): Device {
    return this.#parts.weights.device;
  }
  get sites(): readonly ModelSite[] {
    return this.#parts.network.sites;
  }
  get layers(): number {
    return this.#parts.network.layers;
  }
  get heads(): number {
    return this.#parts.network.heads;
  }
  get encoder(): Encoder | null {
    return this.#parts.network.encoder;
  }
  get maximumTokens(): number {
    return this.#parts.network.maximumTokens;
  }
  get vocabulary(): number {
    return this.#parts.network.vocabulary;
  }
  get parameters(): number {
    return this.#parts.weights.parameters;
  }
  get dtypes(): readonly string[] {
    return this.#parts.weights.dtypes;
  }
  get tokenizer(): Tokenizer {
    return this.#parts.tokenizers.tokenizer;
  }
  get targetTokenizer(): Tokenizer {
    return this.#parts.tokenizers.targetTokenizer;
  }
  get beginning(): number | null {
    const { bos_token_id: id } = this.#parts.config.values;
    return typeof id === "number" && id < this.vocabulary ? id : null;
  }
  get endings(): readonly number[] {
    const ids = [this.#parts.config.values.eos_token_id].flat();
    return ids.filter((id): id is number => typeof id === "number" && id < this.vocabulary);
  }
  get unused(): readonly string[] {
    return this.#parts.weights.unused;
  }

  fingerprint(): Promise<string> {
    this.#fingerprint ??= this.#takeFingerprint();
    return this.#fingerprint;
  }

  logitLens(site: string, neurons: Uint32Array): Promise<Float32Array> {
    return logitLens(this.device, this.#parts.network, site, neurons);
  }

  forward(request: ForwardRequest): Forward {
    return this.#engine.forward(this.#withTypes(request));
  }

  bytesOf(request: ForwardRequest): number {
    return this.#parts.weights.bytes + this.#engine.bytesOf(this.#withTypes(request));
  }

  followsChanges(request: ForwardRequest): boolean {
    return this.#engine.followsChanges(this.#withTypes(request));
  }

  #withTypes(request: ForwardRequest): ForwardRequest {
    const types = request.types ?? this.#typesOf(request.sequences);
    return { ...request, ...(types && { types }) };
  }

  /** The token types that the model's tokenizer gives, where they are not all 0. */
  #typesOf(sequences: readonly Uint32Array[]): Uint32Array | null {
    const { network, tokenizers } = this.#parts;
    if (!network.specialType) return null;
    const { token, type } = network.specialType;
    const special = tokenizers.tokenizer.id(token);
    return Uint32Array.from(sequences.flatMap((ids) => Array.from(ids, (id) => (id === special ? type : 0))));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#engine[Symbol.dispose]();
    this.#parts.weights[Symbol.dispose]();
  }

  async #takeFingerprint(): Promise<string> {
    const { checkpoint, config, tokenizers, seed } = this.#parts;
    const vocabularies = new Set([...tokenizers.tokenizer.files, ...tokenizers.targetTokenizer.files]);
    const files = await fingerprintFiles([config.path, ...checkpoint.files, ...vocabularies]);
    return seed === null ? files : `${files} with random weights of seed ${seed}`;
  }
}
