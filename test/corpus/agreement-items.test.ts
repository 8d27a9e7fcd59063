import { describe, expect, test } from "vitest";
import { parseTable } from "../../src/corpus/delimited.js";
import { lines } from "../../src/corpus/lines.js";
import { parseObjects } from "../../src/corpus/minimal-pairs.js";
import { pairsOf } from "../../src/corpus/pairs.js";

const table = (...rows: string[]) => [
  ...parseTable("x.tsv", lines("x.tsv", Buffer.from(rows.join("\n"))), { separator: "\t" }),
];
const criticals = (sentences: ReturnType<typeof table>) =>
  sentences.map(({ text, critical }) => [text, [...text].slice(critical!.start, critical!.end).join("")]);

describe("agreement items of a table", () => {
  test("are a sentence with the correct form and one with the wrong form, behind a prefix", () => {
    const sentences = table("prefix\tcorrect\twrong\tattractors", "The keys on 𝐭he desk\tare\tis\t1", "\tAre\tIs\t0");
    expect(criticals(sentences)).toEqual([
      ["The keys on 𝐭he desk are", "are"],
      ["The keys on 𝐭he desk is", "is"],
      ["Are", "Are"],
      ["Is", "Is"],
    ]);
    expect(sentences[1]!.labels).toEqual({ attractors: "1", pair: "0", grammatical: "no" });
    expect(pairsOf({ path: "x", fingerprint: "f", sentences })).toEqual([
      { good: 0, bad: 1 },
      { good: 2, bad: 3 },
    ]);
  });

  test("stand in a sentence at a blank, at a word's number, or where the form is", () => {
    expect(criticals(table("sentence\tcorrect\twrong", "The keys ___, they say\tare\tis"))).toEqual([
      ["The keys are, they say", "are"],
      ["The keys is, they say", "is"],
    ]);
    const numbered = table("sentence\tposition\tcorrect\twrong", "what is is right\t2\tis\tare");
    expect(numbered.map(({ text, critical }) => [text, critical])).toEqual([
      ["what is is right", { start: 8, end: 10 }],
      ["what is are right", { start: 8, end: 11 }],
    ]);
    expect(criticals(table("sentence\tcorrect\twrong", "the keys are here\tare\tis"))[1]).toEqual([
      "the keys is here",
      "is",
    ]);
  });

  test("are joined from two records, as in generated.tab", () => {
    const header = "pattern\tform\tclass\tprefix\tn_attr\tsent";
    const sentences = table(
      header,
      "p\tuse\tcorrect\tDebtors would merge\t1\tx",
      "p\tuses\twrong\tDebtors would merge\t1\tx",
    );
    expect(criticals(sentences)).toEqual([
      ["Debtors would merge use", "use"],
      ["Debtors would merge uses", "uses"],
    ]);
    expect(sentences[0]!.labels).toEqual({ pattern: "p", n_attr: "1", pair: "0", grammatical: "yes" });
    expect(() => table(header, "p\tuse\tcorrect\ta\t1\tx", "p\tuses\twrong\tb\t1\tx")).toThrow(
      "x.tsv, line 3: Expected two records of one prefix, the first of class correct, the second wrong",
    );
    expect(() => table(header, "p\tuse\tcorrect\ta\t1\tx")).toThrow(
      "x.tsv: Expected a record of the wrong form behind the last one",
    );
  });

  test("are refused where the form has no place", () => {
    const columns = "sentence\tcorrect\twrong";
    expect(() => table(columns, "a ___ b ___\tis\tare")).toThrow("x.tsv, line 2: Expected a single ___ but found 2");
    expect(() => table(columns, "a b\tis\tare")).toThrow(
      "Expected ___, or is once, in the sentence but found it 0 times",
    );
    expect(() => table(columns, "a ___\tis\tis")).toThrow('Expected a wrong form other than "is"');
    expect(() => table(columns, "a ___\tis\t ")).toThrow('Expected a form for wrong but found " "');
    expect(() => table("sentence\tposition\tcorrect\twrong", "a b\t1\tis\tare")).toThrow(
      'Expected is or are as word 1 (from 0) but found "b"',
    );
    expect(() => table("sentence\tposition\tcorrect\twrong", "a b\t7\tis\tare")).toThrow("but found 2 words");
  });
});

test("agreement items of JSON objects are those of a table", () => {
  const text = '{"prefix": "a b", "correct": "c", "wrong": "d", "depth": 2}\n';
  const sentences = [...parseObjects("x.jsonl", lines("x.jsonl", Buffer.from(text)))];
  expect(criticals(sentences)).toEqual([
    ["a b c", "c"],
    ["a b d", "d"],
  ]);
  expect(sentences[0]!.labels).toEqual({ depth: "2", pair: "0", grammatical: "yes" });
});

test("minimal pairs of a table are those of JSON objects, with the source of both where there is one", () => {
  const [good, bad] = table("UID\tsentence_good\tsentence_bad", "u\tA b.\tA c.");
  expect([good!.text, bad!.text]).toEqual(["A b.", "A c."]);
  expect(bad!.labels).toEqual({ UID: "u", pair: "0", grammatical: "no" });
  const translated = table("source\tsentence_good\tsentence_bad", "s t\ta\tb");
  expect(translated.map(({ text, target }) => [text, target?.text])).toEqual([
    ["s t", "a"],
    ["s t", "b"],
  ]);
});

test("a corpus of other sentences has no pairs", () => {
  const corpus = { path: "x.txt", fingerprint: "f", sentences: table("sentence", "a", "b") };
  expect(() => pairsOf(corpus)).toThrow(
    'Expected minimal pairs (sentence_good and sentence_bad) or agreement items (prefix or sentence, correct and wrong) for corpus but received "x.txt"',
  );
});
