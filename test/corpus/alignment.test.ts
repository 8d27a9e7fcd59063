import { describe, expect, test } from "vitest";
import { alignWords, checkAlignment } from "../../src/corpus/alignment.js";
import { sentenceOf, spacedSentence } from "../../src/corpus/corpus.js";

/** Spans as a tokenizer gives them; null is a special token of the template. */
const spans = (...tokens: ([number, number] | null)[]) => {
  return {
    starts: tokens.map((span) => span?.[0] ?? 0),
    ends: tokens.map((span) => span?.[1] ?? 0),
    special: tokens.map((span) => (span ? 0 : 1)),
  };
};
const words = (text: string) => spacedSentence(text).words;

describe("alignWords", () => {
  test("gives a word its pieces and no special token", () => {
    const aligned = alignWords(words("neurons fire"), spans(null, [0, 6], [6, 7], [8, 12], null));
    expect(aligned.tokens).toEqual([[1, 2], [3]]);
    expect([...aligned.words]).toEqual([-1, 0, 0, 1, -1]);
  });

  test("counts the space that a byte-level token begins with to no word", () => {
    const aligned = alignWords(words("a bc  d"), spans([0, 1], [1, 4], [4, 5], [5, 7]));
    expect(aligned.tokens).toEqual([[0], [1], [3]]);
    expect([...aligned.words]).toEqual([0, 1, -1, 2]);
  });

  test("gives a token over two words to both, with the annotations of the first", () => {
    const aligned = alignWords(words("New York"), spans([0, 8]));
    expect(aligned.tokens).toEqual([[0], [0]]);
    expect([...aligned.words]).toEqual([0]);
  });

  test("gives every byte of a character to its word", () => {
    expect(alignWords(words("😀 x"), spans([0, 1], [0, 1], [0, 1], [0, 1], [1, 2], [2, 3])).tokens).toEqual([
      [0, 1, 2, 3],
      [5],
    ]);
  });

  test("gives a prepended ▁ to the word of the first character", () => {
    expect(alignWords(words("Once on"), spans(null, [0, 1], [0, 4], [4, 7])).tokens).toEqual([[1, 2], [3]]);
    expect(alignWords(words(" Once"), spans(null, [0, 1], [0, 5])).tokens).toEqual([[2]]);
  });

  test("gives words of one token of the text the same tokens", () => {
    const sentence = sentenceOf("du pain", [
      { form: "de", start: 0, end: 2 },
      { form: "le", start: 0, end: 2 },
      { form: "pain", start: 3, end: 7 },
    ]);
    expect(alignWords(sentence.words, spans([0, 2], [3, 7])).tokens).toEqual([[0], [0], [1]]);
  });

  test("gives tokens without characters to no word", () => {
    expect(alignWords(words("ab"), spans([0, 1], [1, 1], [1, 2])).tokens).toEqual([[0, 2]]);
  });

  test("has no words and no tokens where there are none", () => {
    expect(alignWords([], spans([0, 1])).tokens).toEqual([]);
    expect(alignWords(words("a"), spans()).tokens).toEqual([[]]);
  });

  test("agrees with the overlap of every word with every token", () => {
    const text = "ab c  def g hijk";
    const tokens = spans([0, 1], [1, 4], [3, 4], [4, 7], [7, 9], [9, 11], [11, 11], [11, 14], [13, 16]);
    const slow = words(text).map(({ start, end }) =>
      tokens.starts.flatMap((from, i) => (from < end && tokens.ends[i]! > start && tokens.ends[i]! > from ? [i] : [])),
    );
    expect(alignWords(words(text), tokens).tokens).toEqual(slow);
  });
});

describe("checkAlignment", () => {
  test("names the word without a token", () => {
    const sentence = spacedSentence("a b");
    const check = () => checkAlignment(sentence, 7, alignWords(sentence.words, spans([0, 1])));
    expect(check).toThrow('Expected at least one token (or missing words as zeros) for word 1 ("b") of sentence 7');
  });
});
