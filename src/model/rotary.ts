import { ArgumentError } from "../core/errors.js";
import { rotaryFrequencies, rotaryTable } from "../kernels/rotary.js";
import type { Config } from "./config.js";
import { isJsonObject, type JsonObject } from "./json-file.js";

/** The rotary types that config files name (transformers' ROPE_INIT_FUNCTIONS). */
const rotaryTypes = ["default", "linear", "dynamic", "llama3", "yarn"] as const;

/** How positions become angles, whatever the type. */
interface Base {
  /** What the frequencies are powers of. */
  readonly base: number;
  /** The share of each head's columns that is rotated. */
  readonly partial: number;
  /** Positions that the model is made for. */
  readonly positions: number;
}

/** What a config says about rotary positions. */
export type Rotary = Base &
  (
    | { readonly type: "default" }
    | { readonly type: "linear"; readonly factor: number }
    | { readonly type: "dynamic"; readonly factor: number }
    | {
        readonly type: "llama3";
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        /** Positions before the context was stretched. */
        readonly originalPositions: number;
      }
    | {
        readonly type: "yarn";
        readonly factor: number;
        readonly fastRotations: number;
        readonly slowRotations: number;
        /** What cosines and sines are multiplied by. */
        readonly attentionFactor: number;
        readonly originalPositions: number;
        /** Whether the ramp between kept and stretched frequencies begins and ends at whole pairs. */
        readonly wholePairs: boolean;
      }
  );

/**
 * Reads the rotary settings of a config by the keys of transformers 4 (`rope_theta`, `rope_scaling`, `rotary_pct`,
 * `rotary_emb_base`) and 5 (`rope_parameters`, for all layers or by type of layer, `partial_rotary_factor`).
 *
 * @param layerType which of `layer_types` is asked for; settings that do not differ by layer hold for all
 * @throws FileError for a type that is not known, or a number that is missing or out of range
 */
export function readRotary(config: Config, layerType?: string): Rotary {
  const keys = parametersOf(config, layerType);
  const type = keys.values.rope_type === undefined && keys.values.type !== undefined ? "type" : "rope_type";
  const positions = keys.count("max_position_embeddings");
  const shared = { base: keys.positive("rope_theta", 10_000), partial: readShare(keys), positions };
  const name = keys.choice(type, rotaryTypes, "default");
  switch (name) {
    case "default":
      return { type: name, ...shared };
    case "linear":
      return { type: name, ...shared, factor: keys.positive("factor") };
    case "dynamic":
      return { type: name, ...shared, factor: keys.positive("factor") };
    case "llama3":
      return { type: name, ...shared, ...readLlama3(keys, positions) };
    case "yarn":
      return { type: name, ...shared, ...readYarn(keys, positions) };
    default:
      return name satisfies never;
  }
}

/**
 * Radians per position of each pair of rotated columns.
 *
 * @param headWidth columns of a head, of which the settings' share is rotated
 * @param length tokens of the longest text, on which the type `dynamic` depends once it exceeds the model's positions
 * @returns half as many frequencies as columns are rotated
 * @throws ArgumentError where that is no even number
 */
export function scaledFrequencies(rotary: Rotary, headWidth: number, length = rotary.positions): Float64Array {
  const rotated = Math.floor(headWidth * rotary.partial);
  if (rotated < 2 || rotated % 2 !== 0) {
    const expected = `a share of the ${headWidth} columns of a head that is an even number`;
    throw new ArgumentError("partial_rotary_factor", expected, rotary.partial);
  }
  const plain = rotaryFrequencies(rotated, rotary.base);
  switch (rotary.type) {
    case "default":
      return plain;
    case "linear":
      return plain.map((frequency) => frequency / rotary.factor);
    case "dynamic":
      return rotaryFrequencies(rotated, dynamicBase(rotary, rotated, length));
    case "llama3":
      return plain.map((frequency) => llama3Frequency(frequency, rotary));
    case "yarn":
      return yarnFrequencies(plain, rotary);
    default:
      return rotary satisfies never;
  }
}

/**
 * Cosines and sines of positions 0 … count − 1, as the rotary kernel takes them, times the type's attention factor.
 *
 * @param length as for `scaledFrequencies`
 */
export function rotaryAngles(rotary: Rotary, headWidth: number, count: number, length?: number): Float32Array {
  const factor = rotary.type === "yarn" ? rotary.attentionFactor : 1;
  return rotaryTable(count, scaledFrequencies(rotary, headWidth, length), factor);
}

/** The keys that speak of rotary positions, spelt as transformers 5 does; what stands in `rope_parameters` wins. */
function parametersOf(config: Config, layerType: string | undefined): Config {
  const { values } = config;
  const inside = values.rope_parameters ?? values.rope_scaling ?? {};
  if (!isJsonObject(inside)) throw config.refuse("rope_parameters", "an object");
  const ofLayer = layerType === undefined ? undefined : inside[layerType];
  const chosen = isJsonObject(ofLayer) ? ofLayer : inside;
  if (Object.values(chosen).some(isJsonObject)) {
    const types = Object.keys(chosen).join(", ");
    throw config.refuse("rope_parameters", `settings for ${layerType ?? "all layers"}, not by layer type (${types})`);
  }
  return config.with({
    rope_theta: values.rope_theta ?? values.rotary_emb_base,
    partial_rotary_factor: values.partial_rotary_factor ?? values.rotary_pct,
    ...defined(chosen),
    ...defined({ original_max_position_embeddings: values.original_max_position_embeddings }), // Phi's own, which wins
    max_position_embeddings: values.max_position_embeddings ?? values.n_positions,
  });
}

function defined(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

function readShare(keys: Config): number {
  const share = keys.positive("partial_rotary_factor", 1);
  if (share > 1) throw keys.refuse("partial_rotary_factor", "a share of at most 1");
  return share;
}

function readLlama3(keys: Config, positions: number) {
  const [low, high] = [keys.positive("low_freq_factor"), keys.positive("high_freq_factor")];
  if (low >= high) throw keys.refuse("low_freq_factor", `less than high_freq_factor (${high})`);
  return {
    factor: keys.positive("factor"),
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
    originalPositions: keys.count("original_max_position_embeddings", positions),
  };
}

function readYarn(keys: Config, positions: number) {
  const originalPositions = keys.count("original_max_position_embeddings", positions);
  const factor = keys.positive("factor", positions / originalPositions);
  const [scale, scaleOfAll] = [keys.number("mscale", 0), keys.number("mscale_all_dim", 0)];
  const inferred = scale && scaleOfAll ? attentionScale(factor, scale) / attentionScale(factor, scaleOfAll) : undefined;
  return {
    factor,
    originalPositions,
    attentionFactor: keys.positive("attention_factor", inferred ?? attentionScale(factor)),
    fastRotations: keys.positive("beta_fast", 32),
    slowRotations: keys.positive("beta_slow", 1),
    wholePairs: keys.flag("truncate", true),
  };
}

/** √(1/t) of the yarn paper (Peng et al. 2023, eq. 22): .1 · ln s + 1. */
function attentionScale(factor: number, scale = 1): number {
  return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
}

/** A base that grows with the text, so that the slowest pair turns as far over it as it did over the model's positions. */
function dynamicBase(rotary: Extract<Rotary, { type: "dynamic" }>, rotated: number, length: number): number {
  const { base, factor, positions } = rotary;
  if (length <= positions || rotated === 2) return base;
  return base * ((factor * length) / positions - (factor - 1)) ** (rotated / (rotated - 2));
}

/** Short waves stay, long ones are stretched, those between are blended by their number of turns. */
function llama3Frequency(frequency: number, rotary: Extract<Rotary, { type: "llama3" }>): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = rotary;
  const turns = (originalPositions * frequency) / (2 * Math.PI);
  if (turns > high) return frequency;
  if (turns < low) return frequency / factor;
  const kept = (turns - low) / (high - low);
  return (1 - kept) * (frequency / factor) + kept * frequency;
}

/** Pairs that turn often over the original positions stay, those that turn little are stretched, with a ramp between. */
function yarnFrequencies(plain: Float64Array, rotary: Extract<Rotary, { type: "yarn" }>): Float64Array {
  const { base, factor, fastRotations, slowRotations, originalPositions, wholePairs } = rotary;
  const rotated = 2 * plain.length;
  const pairOf = (rotations: number) =>
    (rotated * Math.log(originalPositions / (rotations * 2 * Math.PI))) / (2 * Math.log(base));
  const [first, last] = [pairOf(fastRotations), pairOf(slowRotations)];
  const low = Math.max(wholePairs ? Math.floor(first) : first, 0);
  const high = Math.min(wholePairs ? Math.ceil(last) : last, rotated - 1);
  const span = high === low ? 0.001 : high - low;
  return plain.map((frequency, pair) => {
    const stretched = Math.min(1, Math.max(0, (pair - low) / span));
    return stretched * (frequency / factor) + (1 - stretched) * frequency;
  });
}
