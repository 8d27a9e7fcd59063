import { createHash } from "node:crypto";
import { normal, random } from "../core/random.js";
import type { Config } from "./config.js";
import type { TensorEntry } from "./safetensors.js";
import type { TensorReader } from "./weights.js";

/** What a fresh tensor's numbers are drawn from. */
export type Distribution =
  | { readonly kind: "constant"; readonly value: number }
  /** `truncated`: numbers beyond two deviations are drawn anew (Devlin et al. 2019). */
  | { readonly kind: "normal"; readonly deviation: number; readonly truncated?: boolean }
  /** Between −bound and bound. */
  | { readonly kind: "uniform"; readonly bound: number };

/**
 * How a family begins training: the distribution of a tensor by its name, without the base model's prefix; null for
 * what most families do, `usualWeights`.
 */
export type InitialWeights = (name: string, shape: readonly number[], config: Config) => Distribution | null;

/** Biases 0, norms 1, all else normal with the config's `initializer_range` (or `init_std`; .02 where it has neither). */
const usualWeights = (name: string, shape: readonly number[], config: Config): Distribution => {
  if (/(^|[._])bias$|LayerNorm\.beta$/.test(name)) return { kind: "constant", value: 0 };
  if (shape.length === 1) return { kind: "constant", value: 1 };
  return { kind: "normal", deviation: initialDeviation(config) };
};

/** The usual weights with a truncated normal distribution, as BERT and its kin began. */
export const truncatedWeights: InitialWeights = (name, shape, config) => {
  const usual = usualWeights(name, shape, config);
  return usual.kind === "normal" ? { ...usual, truncated: true } : usual;
};

/**
 * What torch does: recurrent layers, and the biases behind them, uniform within 1/√(hidden width), other linear maps
 * within 1/√(their inputs), embeddings normal with deviation 1.
 */
export const torchWeights: InitialWeights = (name, shape, config) => {
  if (/(^|\.)(encoder|embedding)\.(weight|w)$/.test(name)) return { kind: "normal", deviation: 1 };
  const recurrent = shape.length === 1 || /(^|\.)rnn\./.test(name);
  return { kind: "uniform", bound: 1 / Math.sqrt(recurrent ? config.count("hidden_size") : shape[1]!) };
};

/** The standard deviation that a config names for fresh weights. */
export function initialDeviation(config: Config): number {
  return config.positive("initializer_range", config.positive("init_std", 0.02));
}

/**
 * Reads fresh weights where a checkpoint's would be read. They are drawn by name: the same seed gives a tensor the
 * same numbers on every device, in whatever order tensors are asked for.
 *
 * @param prefix of the base model, which names in the file may have
 */
export function freshWeights(
  config: Config,
  { initial, prefix }: { readonly initial?: InitialWeights | undefined; readonly prefix: string },
  seed: number,
): TensorReader {
  return async ({ name, shape }: TensorEntry, into: Float32Array) => {
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    draw(initial?.(bare, shape, config) ?? usualWeights(bare, shape, config), random(seedOf(bare, seed)), into);
  };
}

function draw(distribution: Distribution, uniform: () => number, into: Float32Array): void {
  switch (distribution.kind) {
    case "constant":
      into.fill(distribution.value);
      return;
    case "uniform":
      for (let i = 0; i < into.length; i++) into[i] = distribution.bound * (2 * uniform() - 1);
      return;
    case "normal": {
      const next = distribution.truncated ? truncated(normal(uniform)) : normal(uniform);
      for (let i = 0; i < into.length; i++) into[i] = distribution.deviation * next();
      return;
    }
    default:
      distribution satisfies never;
  }
}

function truncated(next: () => number): () => number {
  return () => {
    for (;;) {
      const value = next();
      if (Math.abs(value) <= 2) return value;
    }
  };
}

function seedOf(name: string, seed: number): number {
  return createHash("sha256").update(`${seed} ${name}`).digest().readInt32LE();
}
