import { describe, expect, it } from "vitest";
import { spacedSentence } from "../../src/corpus/corpus.js";
import { readSentence } from "../../src/corpus/word-positions.js";
import { byteTokenizer } from "../../src/model/byte-tokenizer.js";

describe("the positions of a word", () => {
  it("are those of the tokens whose characters overlap its own", async () => {
    const sentence = spacedSentence("Là bas");
    const read = await readSentence({ tokenizer: byteTokenizer() }, sentence);
    expect(read.ids.length).toBe(7);
    expect(read.word(0)).toEqual([0, 1, 2]);
    expect(read.word(1)).toEqual([4, 5, 6]);
    expect(() => read.word(2)).toThrow("Expected a word of the sentence, from 0 to 1 for word but received 2");
  });
});
