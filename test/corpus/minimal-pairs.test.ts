import { describe, expect, test } from "vitest";
import { lines } from "../../src/corpus/lines.js";
import { parseMinimalPairs } from "../../src/corpus/minimal-pairs.js";

const parse = (text: string) => [...parseMinimalPairs("x.jsonl", lines("x.jsonl", Buffer.from(text)))];

describe("parseMinimalPairs", () => {
  test("gives the good and the bad sentence of each pair, with its labels", () => {
    const line = (n: number) =>
      JSON.stringify({ sentence_good: `g ${n}`, sentence_bad: `b ${n}`, UID: "u", list: [1] });
    const sentences = parse(`${line(0)}\n\n${line(1)}\n`);
    expect(sentences.map(({ text }) => text)).toEqual(["g 0", "b 0", "g 1", "b 1"]);
    expect(sentences[3]?.labels).toEqual({ UID: "u", pair: "1", grammatical: "no" });
  });

  test.each([
    ["broken JSON", "{", "x.jsonl, line 1: Expected a JSON object"],
    ["what is no object", "\n[]", "x.jsonl, line 2: Expected a JSON object"],
    ["a pair without a sentence", '{"sentence_good": "a"}', "Expected a sentence for sentence_bad but found undefined"],
  ])("refuses %s", (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
