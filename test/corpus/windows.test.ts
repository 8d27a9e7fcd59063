import { describe, expect, test } from "vitest";
import { alignWords } from "../../src/corpus/alignment.js";
import { spacedSentence } from "../../src/corpus/corpus.js";
import { cutWindows } from "../../src/corpus/windows.js";

/** One token per character that is no space, with `[` and `]` as a template's special tokens. */
function characters(text: string) {
  const places = [...text].flatMap((character, i) => (character === " " ? [] : [i]));
  const spans = {
    starts: [0, ...places, 0],
    ends: [0, ...places.map((place) => place + 1), 0],
    special: [1, ...places.map(() => 0), 1],
  };
  return {
    tokens: { ids: Uint32Array.from(spans.starts.keys()), special: spans.special },
    alignment: alignWords(spacedSentence(text).words, spans),
  };
}

const cut = (text: string, maximum: number) => {
  const { tokens, alignment } = characters(text);
  return cutWindows("sentence 0", tokens, alignment, maximum, "windows");
};

describe("cutWindows", () => {
  test("leaves a sentence whole that fits", () => {
    const [window, ...others] = cut("ab", 4);
    expect(others).toEqual([]);
    expect([...window!.tokens]).toEqual([0, 1, 2, 3]);
  });

  test("puts the special tokens around every part and gives each its row once", () => {
    const windows = cut("abcd", 4);
    expect(windows.map(({ ids }) => [...ids])).toEqual([
      [0, 1, 2, 5],
      [0, 3, 4, 5],
    ]);
    expect(windows.map(({ tokens }) => [...tokens])).toEqual([
      [0, 1, 2, -1],
      [-1, 3, 4, 5],
    ]);
  });

  test("cuts between words where it can, and says where it cannot", () => {
    const windows = cut("abc de fghijk", 6);
    expect(windows.map(({ tokens }) => [...tokens].filter((token) => token > 0 && token < 12))).toEqual([
      [1, 2, 3],
      [4, 5],
      [6, 7, 8, 9],
      [10, 11],
    ]);
    expect(windows.map(({ splitsWord }) => splitsWord)).toEqual([false, false, true, false]);
  });

  test.each([3, 4, 5, 7, 31])("has every token in exactly one window of at most %i", (maximum) => {
    const windows = cut("a bcd efghi jk lmnopqrstuv w x y z", maximum);
    expect(windows.flatMap(({ tokens }) => [...tokens].filter((token) => token >= 0))).toEqual(
      Array.from({ length: 28 }, (_, token) => token),
    );
    expect(Math.max(...windows.map(({ ids }) => ids.length))).toBeLessThanOrEqual(maximum);
  });

  test("has no window without tokens", () => {
    const none = { ids: new Uint32Array(0), special: [] };
    expect(cutWindows("s", none, { tokens: [], words: new Int32Array(0) }, 4, "windows")).toEqual([]);
  });

  test("refuses a long sentence unless it is to be cut, and windows of special tokens only", () => {
    const { tokens, alignment } = characters("abcd");
    expect(() => cutWindows("sentence 3", tokens, alignment, 5, "refuse")).toThrow(
      "Expected at most 5 tokens (or windows of them) for sentence 3 but received 6",
    );
    expect(() => cut("abcd", 2)).toThrow("Expected windows longer than their special tokens for sentence 0");
  });
});
