import { type CharacterTemplate, characterTokenizer } from "./character-tokenizer.js";
import type { Config } from "./config.js";
import type { Tokenizers } from "./tokenizer.js";

/** Config keys of the special ids, and how their tokens are spelled. */
const specialIds = { pad_token_id: "<pad>", bos_token_id: "<s>", eos_token_id: "</s>" } as const;

/**
 * The tokenizers of a model from letters to sounds: the config's `grapheme_chars` and `phoneme_chars` are characters
 * by id. A character that stands there more than once is none: its ids are those of special tokens, or unknown ones.
 * Sources and targets stand between `bos_token_id` and `eos_token_id`.
 *
 * @throws FileError where a key is missing
 */
export function graphemeTokenizers(config: Config): Tokenizers {
  const [start, end] = [config.index("bos_token_id"), config.index("eos_token_id")];
  const make = (key: string) => {
    const alphabet = [...config.text(key)];
    return characterTokenizer(alphabet, { names: specialNames(config, alphabet), before: [start], behind: [end] });
  };
  return { tokenizer: make("grapheme_chars"), targetTokenizer: make("phoneme_chars") };
}

function specialNames(config: Config, alphabet: readonly string[]): CharacterTemplate["names"] {
  const counts = new Map<string, number>();
  for (const character of alphabet) counts.set(character, (counts.get(character) ?? 0) + 1);
  const names = new Map<number, string>();
  alphabet.forEach((character, id) => {
    if (counts.get(character)! > 1) names.set(id, `<unk:${id}>`);
  });
  for (const [key, name] of Object.entries(specialIds)) names.set(config.index(key), name);
  return names;
}
