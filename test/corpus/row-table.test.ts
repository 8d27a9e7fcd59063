import { describe, expect, test } from "vitest";
import { type Corpus, sentenceOf, spacedSentence } from "../../src/corpus/corpus.js";
import { corpusRows, rowTable } from "../../src/corpus/row-table.js";

const word = (form: string, start: number, upos: string, head: number) => {
  return { form, start, end: start + form.length, head, annotations: { form, upos, [`feats.${upos}`]: "x" } };
};
const corpus: Corpus = {
  path: "x",
  fingerprint: "f",
  sentences: [
    sentenceOf("dogs bark dogs", [
      word("dogs", 0, "NOUN", 1),
      word("bark", 5, "VERB", -1),
      word("dogs", 10, "NOUN", 1),
    ]),
    sentenceOf("so", [word("so", 0, "ADV", -1)], { tone: "calm" }),
  ],
};

describe("corpusRows", () => {
  test("has a row for every word, in order", () => {
    const table = corpusRows(corpus, "word");
    expect(table).toMatchObject({ kind: "word", rows: 4, fingerprint: "f", text: ["dogs", "bark", "dogs", "so"] });
    expect([[...table.sentence], [...table.position]]).toEqual([
      [0, 0, 0, 1],
      [0, 1, 2, 0],
    ]);
  });

  test("knows annotations, labels and heads", () => {
    const table = corpusRows(corpus, "word");
    expect(table.keys).toEqual([
      "form",
      "upos",
      "feats.ADV",
      "feats.NOUN",
      "feats.VERB",
      "tone",
      "head.form",
      "head.upos",
      "depth",
    ]);
    expect(table.column("upos")).toEqual(["NOUN", "VERB", "NOUN", "ADV"]);
    expect(table.column("feats.VERB")).toEqual([null, "x", null, null]);
    expect(table.column("tone")).toEqual([null, null, null, "calm"]);
    expect(table.column("head.form")).toEqual(["bark", null, "bark", null]);
    expect(table.column("upos")).toBe(table.column("upos"));
  });

  test("gives a sentence the values of all its words, each once, and its own label", () => {
    const table = corpusRows(corpus, "sentence");
    expect(table).toMatchObject({ kind: "sentence", rows: 2, text: ["dogs bark dogs", "so"] });
    expect(table.column("upos")).toEqual([["NOUN", "VERB"], ["ADV"]]);
    expect(table.column("tone")).toEqual([null, "calm"]);
    expect(table.column("head.upos")).toEqual([["VERB"], null]);
  });

  test("has no heads where there are no trees", () => {
    const plain = { path: "x", fingerprint: "f", sentences: [spacedSentence("a b")] };
    expect(corpusRows(plain, "word").keys).toEqual(["form"]);
  });

  test("refuses a key it does not know, with the nearest", () => {
    expect(() => corpusRows(corpus, "word").column("upso")).toThrow('(did you mean "upos"?) for annotation');
  });
});

describe("rowTable", () => {
  test("gives rows of no word only the labels of their sentence", () => {
    const table = rowTable(corpus, {
      kind: "token",
      sentence: Uint32Array.of(0, 1, 1),
      position: Uint32Array.of(0, 0, 1),
      text: ["dogs", "s", " "],
      word: Int32Array.of(0, 0, -1),
    });
    expect(table.column("upos")).toEqual(["NOUN", "ADV", null]);
    expect(table.column("tone")).toEqual([null, "calm", "calm"]);
  });
});
