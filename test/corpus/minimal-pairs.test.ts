import { describe, expect, test } from "vitest";
import { lines } from "../../src/corpus/lines.js";
import { parseMinimalPairs, parseObjects } from "../../src/corpus/minimal-pairs.js";

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

describe("parseObjects", () => {
  const objects = (text: string) =>
    [...parseObjects("x.jsonl", lines("x.jsonl", Buffer.from(text)))].map(({ text: read, target, labels }) => [read, target?.text, labels]); // biome-ignore format: one line

  test("gives sources with their targets, or minimal pairs, as the first object is", () => {
    expect(objects('{"source": "a b", "target": "c", "id": 3}\n\n{"source": "d", "target": "e"}\n')).toEqual([
      ["a b", "c", { id: "3" }],
      ["d", "e", {}],
    ]);
    expect(objects('{"sentence_good": "g", "sentence_bad": "b"}\n').map(([text]) => text)).toEqual(["g", "b"]);
    expect(objects("")).toEqual([]);
  });

  test("refuses a source without a target, and a minimal pair among sources", () => {
    expect(() => objects('{"source": "a"}')).toThrow(
      "x.jsonl, line 1: Expected a sentence for target but found undefined",
    );
    expect(() => objects('{"source": "a", "target": "b"}\n{"sentence_good": "g", "sentence_bad": "b"}')).toThrow(
      "x.jsonl, line 2: Expected a sentence for source",
    );
  });
});
