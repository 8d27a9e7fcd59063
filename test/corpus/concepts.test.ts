import { describe, expect, test } from "vitest";
import { classesOf, resolveConcept } from "../../src/corpus/concepts.js";
import type { RowTable } from "../../src/corpus/rows.js";

const columns: Record<string, (string | readonly string[] | null)[]> = {
  upos: ["NOUN", "VERB", null, "NOUN"],
  deprel: ["nsubj", "root", "nsubj:pass", null],
  form: ["unfit", "run", "sun", "a=b"],
  tags: [["B", "A"], ["A"], [], null],
  score: ["10", "9", "-1", "9"],
  all: ["x", "x", "x", "x"],
  none: [null, null, null, null],
};
const table: RowTable = {
  kind: "word",
  rows: 4,
  sentence: new Uint32Array(4),
  position: Uint32Array.of(0, 1, 2, 3),
  text: ["a", "b", "c", "d"],
  keys: Object.keys(columns),
  column: (key) => columns[key]!,
  fingerprint: "",
};
const resolve = (specification: string) => {
  const { name, classes, labels, masks } = resolveConcept(table, specification);
  return { name, classes, labels: [...labels], masks: [...masks().bits] };
};

describe("resolveConcept", () => {
  test("has the values of a key as classes, and rows without the key in none", () => {
    expect(resolve("upos")).toEqual({
      name: { key: "upos", value: null },
      classes: ["NOUN", "VERB"],
      labels: [0, 1, -1, 0],
      masks: [0b1001, 0b0010],
    });
  });

  test("has the rows of one value as positives, and all others as negatives", () => {
    expect(resolve("upos=NOUN")).toEqual({
      name: { key: "upos", value: "NOUN" },
      classes: ["NOUN"],
      labels: [0, -1, -1, 0],
      masks: [0b1001],
    });
  });

  test("matches exactly", () => {
    expect(resolve("deprel=nsubj").masks).toEqual([0b0001]);
    expect(resolve("form=a=b").masks).toEqual([0b1000]);
  });

  test("matches a regular expression", () => {
    expect(resolve("form~^un")).toMatchObject({
      name: { key: "form", value: "~^un" },
      classes: ["~^un"],
      masks: [0b0001],
    });
    expect(resolve("form~un$").masks).toEqual([0b0110]);
  });

  test("puts a row of several values in several classes, and labels it by its first", () => {
    expect(resolve("tags")).toMatchObject({ classes: ["A", "B"], labels: [1, 0, -1, -1], masks: [0b0011, 0b0001] });
    expect(resolve("tags=A").masks).toEqual([0b0011]);
  });

  test("orders numbers by their size", () => {
    expect(resolve("score").classes).toEqual(["-1", "9", "10"]);
  });

  test.each([
    [
      "an unknown key",
      "upso=NOUN",
      'Expected one of upos, deprel, form, tags, score, all, none (did you mean "upos"?) for concept',
    ],
    [
      "an unknown value",
      "upos=NOUM",
      'a value of upos (did you mean "NOUN"?), such as NOUN, VERB, for concept but received "upos=NOUM"',
    ],
    ["a broken pattern", "form~(", 'Expected a regular expression behind ~ for concept but received "form~("'],
    [
      "a pattern that no row matches",
      "form~^z",
      'Expected a concept that some of the 4 rows have for concept but received "form~^z"',
    ],
    ["a key that no row has", "none", "Expected a concept that some of the 4 rows have"],
    [
      "a concept that every row has",
      "all=x",
      'Expected a concept that some of the 4 rows lack for concept but received "all=x"',
    ],
    ["a key with one value everywhere", "all", "Expected a concept that some of the 4 rows lack"],
  ])("refuses %s", (_, specification, message) => {
    expect(() => resolve(specification)).toThrow(message);
  });
});

describe("classesOf", () => {
  test.each([1, 31, 32, 33, 65])("packs masks of %i rows", (rows) => {
    const cells = Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? "b" : "a"));
    const { bits } = classesOf({ key: "k", value: null }, cells).masks();
    const words = Math.ceil(rows / 32);
    cells.forEach((cell, row) => {
      const index = rows === 1 ? 0 : cell === "b" ? 1 : 0;
      expect((bits[index * words + (row >>> 5)]! >>> (row & 31)) & 1).toBe(1);
    });
    expect(bits.length).toBe(words * (rows === 1 ? 1 : 2));
  });
});
