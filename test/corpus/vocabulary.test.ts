import { describe, expect, test } from "vitest";
import { conceptText } from "../../src/corpus/formula-text.js";
import { readVocabulary } from "../../src/corpus/vocabulary.js";
import { tableOf } from "../activations/table.js";
import { unpackBits } from "../random.js";

const table = tableOf("word", [0, 0, 0, 1], [0, 1, 2, 0], ["the", "law", ",", "the"], {
  form: ["the", "law", ",", "the"],
  upos: ["DET", "NOUN", "PUNCT", "DET"],
  "feats.Number": [null, "Sing", null, null],
  "feats.Definite": ["Def", null, null, "Def"],
  genre: ["blog", "blog", "blog", "blog"],
  "deprel:odd": ["a", "b", "a", "b"],
});

function read(...specifications: string[]) {
  const { concepts, bits, leftOut } = readVocabulary(table, specifications);
  const rows = unpackBits(bits.bits, bits.rows, bits.columns).map((row) => row.map(Number).join(""));
  return { ...Object.fromEntries(concepts.map((concept, i) => [conceptText(concept), rows[i]])), leftOut };
}

test("takes all values of a key, in alphabetical order", () => {
  const { concepts } = readVocabulary(table, ["upos"]);
  expect(concepts.map(({ value }) => value)).toEqual(["DET", "NOUN", "PUNCT"]);
  expect(read("upos")).toEqual({ "upos=DET": "1001", "upos=NOUN": "0100", "upos=PUNCT": "0010", leftOut: 0 });
});

test("takes the most frequent values; ties go to the earlier one", () => {
  expect(read("form:2")).toEqual({ 'form=","': "0010", "form=the": "1001", leftOut: 0 });
  expect(read("deprel:odd")).toEqual({ "deprel:odd=a": "1010", "deprel:odd=b": "0101", leftOut: 0 });
});

test("takes every feature", () => {
  expect(read("feats")).toEqual({ "feats.Number=Sing": "0100", "feats.Definite=Def": "1001", leftOut: 0 });
});

test("takes single values, quoted or not, and regular expressions", () => {
  expect(read('form=","', "form=the", "form~^l")).toEqual({
    'form=","': "0010",
    "form=the": "1001",
    'form~"^l"': "0100",
    leftOut: 0,
  });
});

test("knows the text of every row", () => {
  expect(read("text=law", "text:1")).toEqual({ "text=law": "0100", "text=the": "1001", leftOut: 0 });
});

test("counts what is named twice once", () => {
  const { concepts } = readVocabulary(table, ["upos=NOUN", "upos", "upos=DET"]);
  expect(concepts.map(({ value }) => value)).toEqual(["NOUN", "DET", "PUNCT"]);
});

test("leaves out and counts what every row has, where a whole key was asked for", () => {
  expect(read("genre", "upos=DET")).toEqual({ "upos=DET": "1001", leftOut: 1 });
});

describe("pairs of sentences", () => {
  const pairs = tableOf("sentence", [0, 1, 2], [0, 0, 0], ["a", "b", "c"], {
    "premise.form": [
      ["a", "b"],
      ["a", "b", "c", "d"],
      ["x", "y"],
    ],
    "hypothesis.form": [["b", "a"], ["a", "b", "e"], ["z"]],
  });

  test("have overlaps by Jaccard's share", () => {
    const { concepts, bits } = readVocabulary(pairs, ["overlap"]);
    expect(concepts.map(conceptText)).toEqual(["overlap=25", "overlap=50", "overlap=75"]);
    expect(unpackBits(bits.bits, 3, 3)).toEqual([
      [true, true, false],
      [true, false, false],
      [true, false, false],
    ]);
    expect(readVocabulary(pairs, ["overlap=50"]).concepts.map(conceptText)).toEqual(["overlap=50"]);
  });

  test("have overlaps as the authors count them: words of both over words of one alone", () => {
    const { bits } = readVocabulary(pairs, ["overlap"], { compat: "mu-andreas" });
    expect(unpackBits(bits.bits, 3, 3)[1]).toEqual([true, true, false]); // 2 / 3 where Jaccard has 2 / 5
  });
});

describe("refuses", () => {
  test.each([
    [
      ["uposs"],
      'Expected one of form, upos, feats.Number, feats.Definite, genre, deprel:odd, text, position, inside-quotes, inside-brackets, feats (did you mean "upos"?)',
    ],
    [["upos=VERB"], 'Expected a value of upos, such as DET, NOUN, PUNCT, for concept but received "upos=VERB"'],
    [["genre=blog"], 'Expected a concept that some of the 4 rows lack for concept but received "genre=blog"'],
    [["form~^q"], 'Expected a concept that some of the 4 rows have for concept but received "form~^q"'],
    [["genre"], 'Expected concepts that some rows have and some lack for concepts but received "genre"'],
    [["form:0"], 'Expected KEY:K with K from 1 on for concepts but received "form:0"'],
    [[], "Expected KEY, KEY:K or KEY=VALUE for concepts"],
  ])("%j", (specifications, message) => {
    expect(() => readVocabulary(table, specifications)).toThrow(message);
  });

  test("a vocabulary that does not fit memory, with its size and the option that helps", () => {
    expect(() => readVocabulary(table, ["form", "upos"], { mostBytes: 20 })).toThrow(
      "Expected a vocabulary of at most 20 bytes (form:500 takes only the 500 most frequent values of form) for concepts but received 6 concepts × 4 rows = 24 bytes",
    );
  });
});
