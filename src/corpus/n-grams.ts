import type { Encoding } from "../model/tokenizer.js";

/** A run of tokens, and where it first stands: a sentence and the place of its first token among those that are not special. */
export interface FoundNGram {
  readonly ids: Uint32Array;
  readonly sentence: number;
  readonly position: number;
}

/** The different runs of `length` tokens that stand side by side in a sentence, special tokens left out, in the corpus' order. */
export function distinctNGrams(encodings: readonly Encoding[], length: number): FoundNGram[] {
  const found = new Map<string, FoundNGram>();
  encodings.forEach((encoding, sentence) => {
    const ids = contentOf(encoding);
    for (let position = 0; position + length <= ids.length; position++) {
      const run = ids.subarray(position, position + length);
      const key = run.join();
      if (!found.has(key)) found.set(key, { ids: run, sentence, position });
    }
  });
  return [...found.values()];
}

/** The ids of a text without special tokens. */
export function contentOf({ ids, special }: Encoding): Uint32Array {
  return ids.filter((_, token) => !special[token]);
}
