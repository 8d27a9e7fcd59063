/** What one row of an activation matrix stands for. */
export type RowKind = "token" | "word" | "sentence";

/**
 * What is known of every row: where it is in the corpus, its text, and its annotations.
 * Rows keep the corpus' order; `sentence` and `position` count from 0.
 */
export interface RowTable {
  readonly kind: RowKind;
  readonly rows: number;
  readonly sentence: Uint32Array;
  readonly position: Uint32Array;
  readonly text: readonly string[];
  /** Annotation keys such as `upos`, `feats.Number`, `form`: what `column` knows. */
  readonly keys: readonly string[];
  /** The values of one annotation, one per row; null where a row lacks the key, several where a sentence has several. */
  column(key: string): readonly (string | readonly string[] | null)[];
  /** SHA-256 of the corpus file, in hex. */
  readonly fingerprint: string;
}
