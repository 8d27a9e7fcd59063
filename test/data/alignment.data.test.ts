import { beforeAll, describe, expect, test } from "vitest";
import { alignWords } from "../../src/corpus/alignment.js";
import type { Corpus } from "../../src/corpus/corpus.js";
import { readCorpus } from "../../src/corpus/read.js";
import { tokenTexts } from "../../src/corpus/token-texts.js";
import { byteTokenizer } from "../../src/model/byte-tokenizer.js";
import { fileTokenizer } from "../../src/model/file-tokenizer.js";
import type { Encoding, Tokenizer } from "../../src/model/tokenizer.js";
import { sliceCodePoints } from "./code-points.js";
import { data } from "./folder.js";

const ofModel = (name: string) => () => fileTokenizer(`${data}models/${name}/tokenizer.json`);

describe.each<[string, () => Promise<Tokenizer>, number, number]>([
  // Tokens of the EWT dev sentences that the models' own notes count: predicted ones and the first of each sentence.
  ["byte-level pairs", ofModel("small-gpt2"), 37_891 + 2001, 0],
  ["SentencePiece", ofModel("stories260k-llama"), 76_269 + 2001, 1],
  ["word pieces", ofModel("all-minilm-l6-v2"), 0, 2],
  ["bytes", async () => byteTokenizer(), 0, 0],
])("words of EWT dev and %s", (_, open, total, special) => {
  let corpus: Corpus;
  let tokenizer: Tokenizer;
  let encodings: Encoding[];
  beforeAll(async () => {
    corpus = await readCorpus(`${data}corpora/UD_English-EWT/en_ewt-ud-dev.conllu`);
    tokenizer = await open();
    encodings = await tokenizer.encode(corpus.sentences.map(({ text }) => text));
  });

  test("are the tokens that the model's notes count", () => {
    const counted = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
    if (total > 0) expect(counted).toBe(total);
    expect(encodings.every((encoding) => encoding.special.reduce((sum, mark) => sum + mark, 0) === special)).toBe(true);
  });

  test("own the tokens that overlap them, and all have some", () => {
    for (const [i, { words }] of corpus.sentences.entries()) {
      const { starts, ends, special: marks } = encodings[i]!;
      const slow = words.map(({ start, end }) =>
        [...starts.keys()].filter((t) => !marks[t] && starts[t]! < end && ends[t]! > start && ends[t]! > starts[t]!),
      );
      const { tokens } = alignWords(words, encodings[i]!);
      expect(tokens).toEqual(slow);
      expect(tokens.every((own) => own.length > 0)).toBe(true);
    }
  });

  test("spell themselves with what their tokens span", () => {
    for (const [i, { text, words }] of corpus.sentences.entries()) {
      const { tokens } = alignWords(words, encodings[i]!);
      const spelled = tokenTexts(text, encodings[i]!, tokenizer);
      const { starts, ends } = encodings[i]!;
      for (const [w, { form, start, end }] of words.entries()) {
        const covered = sliceCodePoints(text, starts[tokens[w]![0]!]!, Math.max(...tokens[w]!.map((t) => ends[t]!)));
        expect(covered).toContain(sliceCodePoints(text, start, end));
        expect(
          tokens[w]!.every((token) => spelled[token]!.length > 0),
          form,
        ).toBe(true);
      }
    }
  });
});
