import { ArgumentError } from "../core/errors.js";
import { permutation, random } from "../core/random.js";
import { type Model, NO_TARGET } from "../model/model.js";

/** The share of tokens that a masked model is asked for. */
const usualMaskRate = 0.15;

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
function chooseMasked(special: ArrayLike<number>, sentence: number, seed: number, rate = usualMaskRate): number[] {
  const content = Array.from(special, (_, position) => position).filter((position) => special[position] === 0);
  if (content.length === 0) return [];
  const order = permutation(content.length, random(seed * 1_000_003 + sentence));
  const count = Math.max(1, Math.round(rate * content.length));
  return Array.from(order.subarray(0, count), (chosen) => content[chosen]!);
}

/** Which tokens of a sentence a masked model is asked for: a share of them, all at once, or each in turn. */
export type MaskChoice = number | "each";

/** Checks a choice of masked tokens. @throws ArgumentError for a model that is not asked for them, or no share */
export function checkMask({ head, name }: Model, mask: MaskChoice): void {
  if (head.kind !== "masked")
    throw new ArgumentError("mask", `none for ${name}, which is no masked language model`, mask);
  if (typeof mask === "number" && !(mask > 0 && mask <= 1))
    throw new ArgumentError("mask", "a share above 0, at most 1, or each", mask);
}

/** The positions of a sentence that are masked together, one list for each time that it is read. */
export function maskedTogether(
  special: ArrayLike<number>,
  sentence: number,
  seed: number,
  mask: MaskChoice = usualMaskRate,
): number[][] {
  if (mask === "each") return Array.from(special, (added, position) => (added ? [] : [[position]])).flat();
  const chosen = chooseMasked(special, sentence, seed, mask);
  return chosen.length > 0 ? [chosen] : [];
}

/** A sentence with some of its tokens masked, and what they are. */
export function maskPositions(ids: Uint32Array, positions: readonly number[], mask: number) {
  const masked = Uint32Array.from(ids);
  const targets = new Uint32Array(ids.length).fill(NO_TARGET);
  for (const position of positions) {
    targets[position] = ids[position]!;
    masked[position] = mask;
  }
  return { ids: masked, targets };
}
