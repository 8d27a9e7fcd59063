import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { conceptText } from "../../src/corpus/formula-text.js";
import { readCorpus } from "../../src/corpus/read.js";
import { corpusRows } from "../../src/corpus/row-table.js";
import { readVocabulary } from "../../src/corpus/vocabulary.js";
import { unpackBits } from "../random.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const write = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const header = "premise\thypothesis\thypothesis.upos\tgold_label";
const records = ["a man sleeps\ta man eats\tDET NOUN VERB\tcontradiction", "the dog\tanimals 😀\tNOUN SYM\tneutral"];
const objects = records
  .map((line) => line.split("\t"))
  .map(([sentence1, sentence2, upos, gold_label]) => ({ sentence1, sentence2, "hypothesis.upos": upos, gold_label }));

test.each([
  ["pairs.tsv", [header, ...records].join("\n")],
  ["pairs.csv", [header, ...records].join("\n").replaceAll("\t", ",")],
  ["pairs.jsonl", objects.map((object) => JSON.stringify(object)).join("\n")],
])("a pair of %s is one sentence whose words know their part", async (name, text) => {
  const corpus = await readCorpus(write(name, text));
  expect(corpus.sentences.map((sentence) => sentence.text)).toEqual(["a man sleeps a man eats", "the dog animals 😀"]);
  expect(corpus.sentences[0]!.labels).toEqual({ gold_label: "contradiction" });
  expect(corpus.sentences[1]!.words.map(({ start, end }) => [start, end])).toEqual([
    [0, 3],
    [4, 7],
    [8, 15],
    [16, 17],
  ]);
  const rows = corpusRows(corpus, "sentence");
  const { concepts, bits, leftOut } = readVocabulary(rows, [
    "premise.form=man",
    "hypothesis.upos",
    "gold_label",
    "overlap",
  ]);
  const on = unpackBits(bits.bits, bits.rows, 2).map((row) => row.map(Number).join(""));
  expect(Object.fromEntries(concepts.map((concept, i) => [conceptText(concept), on[i]]))).toEqual({
    "premise.form=man": "10",
    "hypothesis.upos=DET": "10",
    "hypothesis.upos=SYM": "01",
    "hypothesis.upos=VERB": "10",
    "gold_label=contradiction": "10",
    "gold_label=neutral": "01",
    "overlap=25": "10",
  });
  expect(leftOut).toBe(1); // hypothesis.upos=NOUN
});

test("refuses annotations that are more or fewer than the words", async () => {
  const path = write("short.tsv", [header, "a man\ta dog\tNOUN\tneutral"].join("\n"));
  await expect(readCorpus(path)).rejects.toThrow(
    /short\.tsv, line 2: Expected 2 values for hypothesis\.upos, one a word, but found 1$/,
  );
});
