import { describe, expect, test } from "vitest";
import { parseTable, type TableOptions } from "../../src/corpus/delimited.js";
import { lines } from "../../src/corpus/lines.js";

const parse = (text: string, options: Partial<TableOptions> = {}) =>
  [...parseTable("x.csv", lines("x.csv", Buffer.from(text)), { separator: ",", ...options })].map((sentence) => {
    return { text: sentence.text, labels: sentence.labels };
  });

describe("parseTable", () => {
  test("takes the column `sentence` as text and the others as labels", () => {
    expect(parse("label,sentence\n1,so good\n0,bad\n")).toEqual([
      { text: "so good", labels: { label: "1" } },
      { text: "bad", labels: { label: "0" } },
    ]);
  });

  test("reads quoted commas, quotes and line ends", () => {
    const [first, second] = parse('sentence,label\n"a, ""b""\nc",1\nsay "x" now,\n');
    expect(first).toEqual({ text: 'a, "b"\nc', labels: { label: "1" } });
    expect(second).toEqual({ text: 'say "x" now', labels: { label: "" } });
  });

  test("reads tabs, with quotes only around whole fields", () => {
    const tabs = parse('label\ttext\n1\t"a ""b"""\n2\t"a" b\n', { separator: "\t" });
    expect(tabs.map(({ text }) => text)).toEqual(['a "b"', '"a" b']);
  });

  test("takes the text from a column of another name on demand", () => {
    expect(parse("a,b\nx,y", { textColumn: "b" })).toEqual([{ text: "y", labels: { a: "x" } }]);
  });

  test("puts the target beside the source, from columns of these names, of other names, or without names", () => {
    const pairs = (text: string, options: Partial<TableOptions> = {}) =>
      [...parseTable("x.tsv", lines("x.tsv", Buffer.from(text)), { separator: "\t", ...options })].map(
        ({ text: source, target, labels }) => [source, target?.text, labels],
      );
    expect(pairs("target\tsource\tid\nb\ta\t7\n")).toEqual([["a", "b", { id: "7" }]]);
    expect(pairs("a b\tc\nd\te\n")).toEqual([
      ["a b", "c", {}],
      ["d", "e", {}],
    ]);
    expect(pairs("en\tde\na\tb\n", { textColumn: "en", targetColumn: "de" })).toEqual([["a", "b", {}]]);
    expect(pairs("sentence\ttarget\na\t1\n")).toEqual([["a", undefined, { target: "1" }]]);
    expect(() => pairs("a\tb\nc\n")).toThrow("x.tsv, line 2: Expected 2 fields but found 1");
    expect(() => pairs("a\tb\nc\t \n")).toThrow("x.tsv, line 2: Expected a target beside the source");
    expect(() => pairs("source\tde\na\tb\n", { targetColumn: "dee" })).toThrow(
      'Expected a column dee (did you mean "de"?)',
    );
  });

  test("skips blank lines and empty sentences, and has no sentence without a record", () => {
    expect(parse("sentence,label\n\n ,1\na,2\n")).toHaveLength(1);
    expect(parse("sentence\n")).toEqual([]);
    expect(parse("")).toEqual([]);
  });

  test.each([
    ["a record of the wrong length", 'sentence,l\n"a\nb",1\nc\n', "x.csv, line 4: Expected 2 fields but found 1"],
    ["a quote that does not close", 'sentence\na\n"b\nc', "x.csv, line 3: Expected a closing quote"],
    [
      "no column of sentences",
      "sentense,l\na,1",
      'a column sentence, text or source (did you mean "sentense"?) among "sentense", "l"',
    ],
    ["a column twice", "sentence,l,l\na,1,1", 'Expected another name for the column "l"'],
    ["a label that words have", "sentence,form\na,1", 'Expected another name for the column "form"'],
  ])("refuses %s", (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
