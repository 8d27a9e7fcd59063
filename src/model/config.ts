import { join } from "node:path";
import { FileError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";
import type { Activation } from "./activation.js";
import { isJsonObject, type JsonObject, readJsonFile } from "./json-file.js";
import type { HeadKind } from "./model.js";
import { type Rotary, readRotary } from "./rotary.js";

/** Nonlinearities as transformers names them. */
const activationNames = {
  gelu: "gelu",
  gelu_python: "gelu",
  gelu_new: "gelu-tanh",
  gelu_fast: "gelu-tanh",
  gelu_accurate: "gelu-tanh",
  gelu_pytorch_tanh: "gelu-tanh",
  gelu_python_tanh: "gelu-tanh",
  quick_gelu: "quick-gelu",
  silu: "silu",
  swish: "silu",
  relu: "relu",
  relu2: "squared-relu",
  tanh: "tanh",
  sigmoid: "sigmoid",
  linear: "identity",
} as const satisfies Record<string, Activation>;

/** What the classes of transformers have on top, by the ends of their names. */
const headEndings = {
  ForCausalLM: "causal",
  LMHeadModel: "causal",
  DoubleHeadsModel: "causal",
  ForConditionalGeneration: "causal",
  ForMaskedLM: "masked",
  ForPreTraining: "masked",
  ForSequenceClassification: "sequence-classification",
  ForTokenClassification: "token-classification",
  ForQuestionAnswering: "none",
  ForQuestionAnsweringSimple: "none",
  ForMultipleChoice: "none",
  ForNextSentencePrediction: "none",
  Model: "none",
} as const satisfies Record<string, HeadKind>;

/** A model's config.json; every getter names the file and the key when a value is not what it must be. */
export class Config {
  constructor(
    readonly path: string,
    readonly values: JsonObject,
  ) {}

  get modelType(): string {
    return this.text("model_type");
  }

  /** A positive whole number; `fallback` where the key is missing or null. */
  count(key: string, fallback?: number): number {
    const value = this.#value(key, fallback);
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw this.#refuse(key, "a positive whole number", value);
  }

  /** A whole number from 0 on; `fallback` where the key is missing or null. */
  index(key: string, fallback?: number): number {
    const value = this.#value(key, fallback);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.#refuse(key, "a whole number from 0 on", value);
  }

  /** A finite number; `fallback` where the key is missing or null. */
  number(key: string, fallback?: number): number {
    const value = this.#value(key, fallback);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.#refuse(key, "a number", value);
  }

  /** A number above 0; `fallback` where the key is missing or null. */
  positive(key: string, fallback?: number): number {
    const value = this.number(key, fallback);
    if (value > 0) return value;
    throw this.#refuse(key, "a number above 0", value);
  }

  /** Whether the file has a key and says null for it, which is not the same as leaving it out. */
  isNull(key: string): boolean {
    return this.values[key] === null;
  }

  /** true or false; `fallback` where the key is missing or null. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.#value(key, fallback);
    if (typeof value === "boolean") return value;
    throw this.#refuse(key, "true or false", value);
  }

  text(key: string, fallback?: string): string {
    const value = this.#value(key, fallback);
    if (typeof value === "string") return value;
    throw this.#refuse(key, "a string", value);
  }

  /** One of a few words. */
  choice<Word extends string>(key: string, words: readonly Word[], fallback?: Word): Word {
    const value = this.#value(key, fallback);
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? suggest(value, words) : "";
    throw this.#refuse(key, `one of ${words.join(", ")}${near}`, value);
  }

  /**
   * The head of the class that the list `architectures` names first; null where it names none.
   *
   * @throws FileError for a class with a head that we do not know
   */
  headKind(): HeadKind | null {
    const architectures = this.values.architectures ?? [];
    if (Array.isArray(architectures) && architectures.length === 0) return null;
    const name = Array.isArray(architectures) ? architectures[0] : undefined;
    const endings = Object.keys(headEndings) as (keyof typeof headEndings)[];
    const ending = typeof name === "string" ? endings.find((end) => name.endsWith(end)) : undefined;
    if (ending === undefined) throw this.refuse("architectures", `a class that ends in one of ${endings.join(", ")}`);
    return headEndings[ending];
  }

  /** Names of a classifier's classes by their numbers: `id2label`, else LABEL_0 … for `num_labels` (2) of them. */
  labels(): string[] {
    const { id2label } = this.values;
    const count = this.count("num_labels", isJsonObject(id2label) ? Object.keys(id2label).length : 2);
    const names = isJsonObject(id2label) ? id2label : {};
    return Array.from({ length: count }, (_, i) => {
      const name = names[i] ?? `LABEL_${i}`;
      return typeof name === "string" ? name : String(name);
    });
  }

  /**
   * How positions turn queries and keys.
   *
   * @param layerType one of `layer_types`, where the settings differ by it
   * @throws FileError for a rotary type that is not known
   */
  rotary(layerType?: string): Rotary {
    return readRotary(this, layerType);
  }

  /** The nonlinearity that a key names, by transformers' names. */
  activation(key: string, fallback: keyof typeof activationNames): Activation {
    return activationNames[
      this.choice(key, Object.keys(activationNames) as (keyof typeof activationNames)[], fallback)
    ];
  }

  /** Other values under the same path, for a part of the file. */
  with(values: JsonObject): Config {
    return new Config(this.path, values);
  }

  /** An error about one key, for checks that only a family can make. */
  refuse(key: string, expected: string): FileError {
    return this.#refuse(key, expected, this.values[key]);
  }

  #value(key: string, fallback: unknown): unknown {
    return this.values[key] ?? fallback;
  }

  #refuse(key: string, expected: string, received: unknown): FileError {
    const shown = received === undefined ? "nothing" : JSON.stringify(received);
    return new FileError(this.path, `Expected ${expected} for ${key} but received ${shown}`);
  }
}

/** Reads `config.json` of a model's directory. @throws FileError if it is missing or broken */
export async function readConfig(directory: string): Promise<Config> {
  const path = join(directory, "config.json");
  return new Config(path, await readJsonFile(path, "a config.json"));
}
