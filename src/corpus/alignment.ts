import { ArgumentError } from "../core/errors.js";
import type { Sentence, Word } from "./corpus.js";

/** Where a tokenizer found the tokens of a text; `Encoding` of a tokenizer is one. */
export interface TokenSpans {
  /** Token i spans the code points starts[i] … ends[i] − 1. */
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
  /** 1 for the special tokens that the tokenizer's template added: they belong to no word. */
  readonly special: ArrayLike<number>;
}

/** Which tokens belong to which words of one sentence. */
export interface Alignment {
  /** The tokens of each word, ascending: those whose characters overlap its own. */
  readonly tokens: readonly (readonly number[])[];
  /** The first word that owns each token; −1 where none does. */
  readonly words: Int32Array;
}

/**
 * Aligns the words of a sentence with the tokens of its text. A word owns every token whose characters
 * overlap its own, so that a token may belong to two words; tokens without characters belong to none.
 */
export function alignWords(words: readonly Pick<Word, "start" | "end">[], spans: TokenSpans): Alignment {
  const owners = new Int32Array(spans.starts.length).fill(-1);
  const order = tokensByStart(spans);
  let from = 0;
  const tokens = words.map((word, w) => {
    const owned: number[] = [];
    while (from < order.length && spans.ends[order[from]!]! <= word.start) from++;
    for (let i = from; i < order.length; i++) {
      const token = order[i]!;
      if (spans.starts[token]! >= word.end) break;
      if (spans.ends[token]! <= word.start) continue;
      owned.push(token);
      if (owners[token] === -1) owners[token] = w;
    }
    return owned.sort((a, b) => a - b);
  });
  return { tokens, words: owners };
}

/**
 * Checks that every word has a token.
 *
 * @throws ArgumentError that names the word and its sentence
 */
export function checkAlignment(sentence: Sentence, number: number, alignment: Alignment): void {
  const word = alignment.tokens.findIndex((tokens) => tokens.length === 0);
  if (word < 0) return;
  const name = `word ${word} (${JSON.stringify(sentence.words[word]!.form)}) of sentence ${number}`;
  throw new ArgumentError(name, `at least one token (or missing words as zeros)`, "none");
}

/** The tokens that span characters, in the order of their first ones. */
function tokensByStart({ starts, ends, special }: TokenSpans): number[] {
  const order: number[] = [];
  let sorted = true;
  for (let token = 0; token < starts.length; token++) {
    if (special[token] || ends[token]! <= starts[token]!) continue;
    sorted &&= order.length === 0 || starts[order.at(-1)!]! <= starts[token]!;
    order.push(token);
  }
  return sorted ? order : order.sort((a, b) => starts[a]! - starts[b]! || a - b);
}
