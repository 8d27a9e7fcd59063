import { describe, expect, test } from "vitest";
import { lines } from "../../src/corpus/lines.js";
import { parsePlainText } from "../../src/corpus/plain-text.js";

const parse = (text: string) => [...parsePlainText(lines("x.txt", Buffer.from(text)))];

describe("parsePlainText", () => {
  test("takes a line as it stands, and its runs of no spaces as words", () => {
    const [sentence] = parse("  A 😀\tcat, \r\n");
    expect(sentence?.text).toBe("  A 😀\tcat, ");
    expect(sentence?.words.map(({ form, start, end }) => [form, start, end])).toEqual([
      ["A", 2, 3],
      ["😀", 4, 5],
      ["cat,", 6, 10],
    ]);
    expect(sentence?.words[2]?.annotations).toEqual({ form: "cat," });
  });

  test("skips blank lines", () => {
    expect(parse("a\n\n \t\nb\n").map(({ text }) => text)).toEqual(["a", "b"]);
  });

  test("joins the words by single spaces on demand", () => {
    const [sentence] = [...parsePlainText(lines("x", Buffer.from(" a  b ")), "words")];
    expect(sentence?.text).toBe("a b");
    expect(sentence?.words[1]).toMatchObject({ start: 2, end: 3 });
  });
});
