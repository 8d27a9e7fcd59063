import { ArgumentError } from "../core/errors.js";
import type { Encoding, Tokenizer } from "../model/tokenizer.js";
import { alignWords } from "./alignment.js";
import type { Sentence } from "./corpus.js";

/** A sentence as a model reads it. */
export interface ReadSentence extends Encoding {
  /** The token positions of word n, counted from 0: those whose characters overlap its own. @throws ArgumentError */
  word(number: number): number[];
}

/** Tokenises a sentence of a corpus, special tokens included, and finds the tokens of its words. */
export async function readSentence(
  { tokenizer }: { readonly tokenizer: Tokenizer },
  sentence: Sentence,
): Promise<ReadSentence> {
  const [encoding] = await tokenizer.encode([sentence.text]);
  const { tokens } = alignWords(sentence.words, encoding!);
  return {
    ...encoding!,
    word(number) {
      const own = tokens[number];
      if (own) return [...own];
      throw new ArgumentError("word", `a word of the sentence, from 0 to ${tokens.length - 1}`, number);
    },
  };
}
