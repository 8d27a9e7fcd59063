import { ArgumentError } from "../../core/errors.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import type { Passage } from "./passage.js";

/**
 * Passages as a recurrent model reads them behind some sentences, whose state it goes on from. Nothing is predicted of
 * these sentences.
 *
 * @throws ArgumentError for a model that carries no state from left to right, or sentences without a token
 */
export async function readBehind(
  model: Model,
  sentences: readonly string[],
  passages: readonly Passage[],
): Promise<Passage[]> {
  if (model.encoder || !model.sites.some(({ name }) => name === "layers.0.hidden"))
    throw new ArgumentError("warmUp", "nothing for a model that carries no state from left to right", model.name);
  const read = (await model.tokenizer.encode(sentences)).filter(({ ids }) => ids.length > 0);
  if (read.length === 0) throw new ArgumentError("warmUp", "a sentence with a token", sentences.join(" "));
  const ids = read.flatMap((sentence) => [...sentence.ids]);
  const special = read.flatMap((sentence) => [...sentence.special]);
  const perToken = ({ targets, ids }: Passage) => targets.length === ids.length && model.head.kind !== "sequence-classification"; // biome-ignore format: one line
  return passages.map((passage) => ({
    ...passage,
    ids: Uint32Array.of(...ids, ...passage.ids),
    special: Uint8Array.of(...special, ...passage.special),
    words: Int32Array.of(...ids.map(() => -1), ...passage.words),
    warmUp: ids.length,
    ...(perToken(passage) && { targets: Uint32Array.of(...ids.map(() => NO_TARGET), ...passage.targets) }),
    ...(perToken(passage) && passage.focus && { focus: Uint8Array.of(...ids.map(() => 0), ...passage.focus) }),
  }));
}
