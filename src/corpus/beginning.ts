import { ArgumentError } from "../core/errors.js";
import type { Model } from "../model/model.js";
import type { Encoding } from "../model/tokenizer.js";

/** The id that begins a text. @throws ArgumentError for a model that predicts no next token, or whose config names none */
export function beginningOf({ head, encoder, beginning, name }: Model): number {
  if (encoder) throw new ArgumentError("beginning", `none for ${name}, which is no decoder alone`, "add");
  if (head.kind !== "causal")
    throw new ArgumentError("beginning", `none for ${name}, which is no causal language model`, "add");
  if (beginning !== null) return beginning;
  throw new ArgumentError("beginning", `none, as the config of ${name} has no bos_token_id`, "add");
}

/** A tokenised text behind the id that begins one, as a special token; as it is where it has one already. */
export function addBeginning(encoding: Encoding, id: number): Encoding {
  const { ids, starts, ends, special } = encoding;
  if (special[0] === 1) return encoding;
  const behind = (first: number, values: ArrayLike<number>) => Uint32Array.of(first, ...Array.from(values));
  return {
    ids: behind(id, ids),
    starts: behind(0, starts),
    ends: behind(0, ends),
    special: Uint8Array.from(behind(1, special)),
  };
}
