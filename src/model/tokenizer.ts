import { join } from "node:path";
import { exists } from "../core/files.js";
import { byteTokenizer } from "./byte-tokenizer.js";
import { characterTokenizer } from "./character-tokenizer.js";
import type { Config } from "./config.js";
import { fileTokenizer } from "./file-tokenizer.js";
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
  /** Characters outside a character model's alphabet: refused (the default) or skipped. */
  readonly unknown?: "refuse" | "skip";
}

/** Text to token ids and back. */
export interface Tokenizer {
  readonly kind: "file" | "bytes" | "characters";
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
