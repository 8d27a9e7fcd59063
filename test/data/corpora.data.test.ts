import { describe, expect, test } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { sliceCodePoints } from "./code-points.js";
import { data } from "./folder.js";

const corpora = `${data}corpora/`;
const ewt = (part: string) => `${corpora}UD_English-EWT/en_ewt-ud-${part}.conllu`;

describe("the corpora at hand", () => {
  test.each([
    ["dev", 2001, 25147],
    ["test", 2077, 25094],
  ])("EWT %s has %i sentences and %i words, each where its text says", async (part, sentences, words) => {
    const corpus = await readCorpus(ewt(part));
    expect(corpus.sentences).toHaveLength(sentences);
    expect(corpus.sentences.flatMap((sentence) => sentence.words)).toHaveLength(words);
    for (const { text, words } of corpus.sentences) {
      for (const { form, start, end } of words) expect(sliceCodePoints(text, start, end)).toContain(form);
    }
  });

  test("EWT train is read whole", async () => {
    const corpus = await readCorpus(ewt("train"));
    expect(corpus.sentences.length).toBeGreaterThan(10_000);
  });

  test.each([
    ["sst-binary/dev.csv", 872],
    ["sst-binary/test.csv", 1821],
    ["winogender/all_sentences.tsv", 720],
    ["blimp/anaphor_gender_agreement.jsonl", 2000],
    ["UD_English-Atis/en_atis-ud-dev.conllu", 572],
  ])("%s has %i sentences", async (name, sentences) => {
    expect((await readCorpus(corpora + name)).sentences).toHaveLength(sentences);
  });
});
