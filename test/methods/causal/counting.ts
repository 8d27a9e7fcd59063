import type { Corpus } from "../../../src/corpus/corpus.js";

/** A text a sentence. */
export const corpusOf = (...texts: string[]): Corpus => ({
  path: "counting.txt",
  fingerprint: "c".repeat(64),
  sentences: texts.map((text) => ({ text, words: [], labels: {} })),
});

/** Every step from i to i + 1 once, except from 5; the sentence of one token predicts nothing. */
export const counting = corpusOf("012345", "3");
/** What the toy model loses at a step that it knows, and at one of which it knows nothing. */
export const certain = Math.log(Math.exp(4) + 5) - 4;
export const guessed = Math.log(6);
