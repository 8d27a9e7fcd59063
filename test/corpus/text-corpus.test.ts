import { expect, test } from "vitest";
import { textCorpus } from "../../src/corpus/text-corpus.js";

test("is a sentence for every line that is not blank", () => {
  const corpus = textCorpus("The old man\n\nthe boats.");
  expect(corpus.sentences.map(({ text }) => text)).toEqual(["The old man", "the boats."]);
  expect(corpus.sentences[0]?.words.map(({ form }) => form)).toEqual(["The", "old", "man"]);
});

test("has the fingerprint of its text", () => {
  expect(textCorpus("abc").fingerprint).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("refuses a blank text", () => {
  expect(() => textCorpus(" \n")).toThrow('Expected a text with a sentence for text but received " \\n"');
});
