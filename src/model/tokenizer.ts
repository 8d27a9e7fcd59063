import { join } from "node:path";
import { exists } from "../core/files.js";
import { byteTokenizer } from "./byte-tokenizer.js";
import { characterTokenizer } from "./character-tokenizer.js";
import type { Config } from "./config.js";
import { fileTokenizer } from "./file-tokenizer.js";
import { graphemeTokenizers } from "./grapheme-tokenizers.js";
import { vocabularyTokenizer } from "./vocabulary-tokenizer.js";

/** A tokenised text. */
export interface Encoding {
  readonly ids: Uint32Array;
  /** Token i spans the code points starts[i] … ends[i] − 1 of the text; tokens that a template added span nothing. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** 1 for the special tokens that the tokenizer's template added. */
  readonly special: Uint8Array;
}

export interface EncodeOptions {
  /**
   * Characters outside a character model's alphabet, words outside a word model's vocabulary: refused (the default),
   * skipped, or, for words, read as a vector of zeros.
   */
  readonly unknown?: "refuse" | "skip" | "zero";
}

/** Text to token ids and back. */
export interface Tokenizer {
  readonly kind: "file" | "bytes" | "characters" | "words";
  /** The files that it was read from, besides config.json. */
  readonly files: readonly string[];
  /** One more than the highest id. */
  readonly size: number;
  encode(texts: readonly string[], options?: EncodeOptions): Promise<Encoding[]>;
  decode(ids: ArrayLike<number>): Promise<string>;
  /** The token as the vocabulary spells it; null for an id it does not have. */
  token(id: number): string | null;
  /** The id of a token as the vocabulary spells it; null where it is none. */
  id(token: string): number | null;
}

/** A model's tokenizers: an encoder-decoder may write in other tokens than it reads. */
export interface Tokenizers {
  readonly tokenizer: Tokenizer;
  /** Of what a decoder reads and predicts; the same for every other model. */
  readonly targetTokenizer: Tokenizer;
}

/**
 * The tokenizers of a model's directory. Targets have one of their own where there is a `target_tokenizer.json`, or
 * where the config has `grapheme_chars` and `phoneme_chars`: the characters of sources and targets, by id.
 *
 * @throws FileError if one is missing or broken
 */
export async function loadTokenizers(directory: string, config: Config): Promise<Tokenizers> {
  if (config.values.grapheme_chars !== undefined) return graphemeTokenizers(config);
  const tokenizer = await loadTokenizer(directory, config);
  const path = join(directory, "target_tokenizer.json");
  return { tokenizer, targetTokenizer: (await exists(path)) ? await fileTokenizer(path) : tokenizer };
}

/**
 * The tokenizer of a model's directory: what the config names (`"tokenizer": "bytes"`, or
 * `"characters"` with its alphabet), else `tokenizer.json`, else `vocab.txt`, or `vocab.json` with `merges.txt`.
 *
 * @throws FileError if it is missing or broken
 */
export async function loadTokenizer(directory: string, config: Config): Promise<Tokenizer> {
  if (config.values.tokenizer === undefined) return savedTokenizer(directory, config);
  const kind = config.choice("tokenizer", ["bytes", "characters"]);
  if (kind === "bytes") return byteTokenizer();
  const characters = [...config.text("characters")];
  if (new Set(characters).size !== characters.length)
    throw config.refuse("characters", "an alphabet without repetition");
  return characterTokenizer(characters);
}

async function savedTokenizer(directory: string, config: Config): Promise<Tokenizer> {
  const path = join(directory, "tokenizer.json");
  return (await exists(path)) ? fileTokenizer(path) : vocabularyTokenizer(directory, config);
}
