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
  /** How many ids there are. */
  readonly size: number;
  encode(texts: readonly string[], options?: EncodeOptions): Promise<Encoding[]>;
  decode(ids: ArrayLike<number>): Promise<string>;
  /** The token as the vocabulary spells it; null for an id it does not have. */
  token(id: number): string | null;
  /** The id of a token as the vocabulary spells it; null where it is none. */
  id(token: string): number | null;
}
