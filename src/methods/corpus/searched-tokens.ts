import { ArgumentError } from "../../core/errors.js";
import { contentOf } from "../../corpus/n-grams.js";
import type { Model } from "../../model/model.js";
import type { Encoding } from "../../model/tokenizer.js";
import { type Surroundings, surroundingsOf } from "./n-gram-reader.js";

/** The tokens that n-grams are made of, and the special ones around every text. */
export interface SearchedTokens {
  readonly all: Uint32Array;
  readonly around: Surroundings;
}

/**
 * The tokens of a corpus, or all of the model's. Of these, special tokens and whatever is spelt `[…]` or `<…>`, such as
 * `[unused3]`, are left out, but for the bytes of a model that reads bytes.
 *
 * @param encodings of the corpus whose tokens are meant; null: the model's
 * @throws ArgumentError where there is none
 */
export async function searchedTokens(model: Model, encodings: readonly Encoding[] | null): Promise<SearchedTokens> {
  const all = encodings ? tokensOf(encodings) : tokensOfModel(model);
  if (all.length === 0) throw new ArgumentError("tokens", "at least one token that is not special", "none");
  return { all, around: surroundingsOf(encodings ?? (await someTexts(model, all))) };
}

function tokensOf(encodings: readonly Encoding[]): Uint32Array {
  const ids = new Set(encodings.flatMap((encoding) => [...contentOf(encoding)]));
  return Uint32Array.from(ids).sort();
}

function tokensOfModel({ tokenizer, vocabulary, encoder }: Model): Uint32Array {
  const ids = Uint32Array.from({ length: Math.min(tokenizer.size, encoder?.vocabulary ?? vocabulary) }, (_, id) => id);
  return ids.filter((id) => {
    const token = tokenizer.token(id);
    return token !== null && (tokenizer.kind === "bytes" || !/^(\[.+\]|<.+>)$/s.test(token));
  });
}

/** Texts of a few tokens, of which one should be read as tokens that are not special. */
async function someTexts({ tokenizer }: Model, ids: Uint32Array): Promise<Encoding[]> {
  const texts = await Promise.all(Array.from(ids.subarray(-20), (id) => tokenizer.decode([id])));
  return await tokenizer.encode(texts, { unknown: "skip" });
}
