import { ArgumentError } from "../core/errors.js";
import { permutation, random } from "../core/random.js";
import type { Model } from "../model/model.js";

/** The share of tokens that a masked model is asked for. */
export const usualMaskRate = 0.15;

/** The id of a model's mask token. @throws ArgumentError where its tokenizer has none */
export function maskToken(model: Model): number {
  const id = model.tokenizer.id("[MASK]") ?? model.tokenizer.id("<mask>");
  if (id === null) throw new ArgumentError("model", "a tokenizer with a mask token", model.name);
  return id;
}

/**
 * Positions of a sentence that a masked model is asked for: a seeded share of the tokens that no template added, at
 * least one; empty where there is none.
 */
export function chooseMasked(
  special: ArrayLike<number>,
  sentence: number,
  seed: number,
  rate = usualMaskRate,
): number[] {
  const content = Array.from(special, (_, position) => position).filter((position) => special[position] === 0);
  if (content.length === 0) return [];
  const order = permutation(content.length, random(seed * 1_000_003 + sentence));
  const count = Math.max(1, Math.round(rate * content.length));
  return Array.from(order.subarray(0, count), (chosen) => content[chosen]!);
}
