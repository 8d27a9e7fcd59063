import { describe, expect, test } from "vitest";
import { parseConllu } from "../../src/corpus/conllu.js";
import type { TextForm } from "../../src/corpus/corpus.js";
import { lines } from "../../src/corpus/lines.js";

/** Lines as people write them in tests: columns between spaces, as many `_` behind as are missing. */
const columns = (line: string) => [...line.split(" "), ...Array(10).fill("_")].slice(0, 10).join("\t");
const raw = (text: string, form?: TextForm) => [...parseConllu("x.conllu", lines("x.conllu", Buffer.from(text)), form)];
const parse = (text: string[], form?: TextForm) =>
  raw(text.map((line) => (/^(#|$)/.test(line) ? line : columns(line))).join("\n"), form);
const spans = (sentence: ReturnType<typeof parse>[number] | undefined) =>
  sentence?.words.map(({ form, start, end }) => [form, start, end]);

describe("parseConllu", () => {
  test("reads text, spans, annotations and heads of a sentence", () => {
    const [sentence] = raw(
      "# sent_id = 1\n# text = Dogs bark.\n1\tDogs\tdog\tNOUN\tNNS\tNumber=Plur\t2\tnsubj\t_\tCxn=a\n" +
        "2\tbark\tbark\tVERB\tVBP\t_\t0\troot\t_\tSpaceAfter=No\n3\t.\t.\tPUNCT\t.\t_\t2\tpunct\t_\t_\n\n",
    );
    expect(sentence?.text).toBe("Dogs bark.");
    expect(sentence?.words[0]).toEqual({
      form: "Dogs",
      start: 0,
      end: 4,
      head: 1,
      annotations: {
        form: "Dogs",
        lemma: "dog",
        upos: "NOUN",
        xpos: "NNS",
        deprel: "nsubj",
        "feats.Number": "Plur",
        "misc.Cxn": "a",
      },
    });
    expect(sentence?.words[1]?.head).toBe(-1);
    expect(spans(sentence)?.[2]).toEqual([".", 9, 10]);
  });

  test("joins the words by SpaceAfter where no comment gives the text", () => {
    const [sentence] = parse(["1 a _ _ _ _ _ _ _ SpaceAfter=No", "2 b _ _ _ _ _ _ _ Gloss=x", "3 c"]);
    expect(sentence?.text).toBe("ab c");
    expect(spans(sentence)).toEqual([
      ["a", 0, 1],
      ["b", 1, 2],
      ["c", 3, 4],
    ]);
  });

  test("gives the words of a token their parts where they spell it", () => {
    const [sentence] = parse(["1-2 don't _ _ _ _ _ _ _ SpaceAfter=No", "1 do", "2 n't", "3 ."]);
    expect(sentence?.text).toBe("don't.");
    expect(spans(sentence)).toEqual([
      ["do", 0, 2],
      ["n't", 2, 5],
      [".", 5, 6],
    ]);
  });

  test("gives the words of a token all of it where they do not spell it", () => {
    const [sentence] = parse(["# text = du pain", "1-2 du", "1 de", "2 le", "3 pain"]);
    expect(spans(sentence)).toEqual([
      ["de", 0, 2],
      ["le", 0, 2],
      ["pain", 3, 7],
    ]);
  });

  test("joins the treebank's words by single spaces on demand", () => {
    const [sentence] = parse(["# text = du pain.", "1-2 du", "1 de", "2 le", "3 pain", "4 ."], "words");
    expect(sentence?.text).toBe("de le pain .");
    expect(spans(sentence)?.[2]).toEqual(["pain", 6, 10]);
  });

  test("leaves words out that are not in the text", () => {
    const [sentence] = parse(["0.1 zero", "1 a", "1.1 and", "1.2 so", "2 b"]);
    expect(spans(sentence)?.map(([form]) => form)).toEqual(["a", "b"]);
  });

  test("counts spans in code points", () => {
    const [sentence] = parse(["# text = 😀 é x", "1 😀", "2 é", "3 x"]);
    expect(spans(sentence)).toEqual([
      ["😀", 0, 1],
      ["é", 2, 3],
      ["x", 4, 5],
    ]);
  });

  test("takes comments that name a key as labels of the sentence, but for those of the format", () => {
    const [sentence] = parse(["# newdoc id = d", "# sent_id = s", "# genre = news", "# a remark", "1 a"]);
    expect(sentence?.labels).toEqual({ genre: "news" });
  });

  test("takes an underscore as a word with itself as lemma", () => {
    expect(parse(["1 _ _"])[0]?.words[0]?.annotations).toEqual({ form: "_", lemma: "_" });
  });

  test.each<[string, string[], string]>([
    ["too few columns", ["1\ta\n"], "line 1: Expected 10 columns between tabs but found 2"],
    [
      "an id that is no number",
      [columns("x a")],
      'line 1: Expected a number, a range or an empty node in column 1 but found "x"',
    ],
    ["a word out of order", [columns("1 a"), columns("3 b")], "line 2: Expected word number 2 but found 3"],
    ["a range out of order", [columns("2-3 a"), columns("1 b")], "line 1: Expected word number 1 but found 2-3"],
    ["a range backwards", [columns("2-1 a")], "line 1: Expected a range from a lower to a higher number but found 2-1"],
    ["a range without its words", [columns("1-2 ab"), columns("1 a")], "line 2: Expected words up to 2 but found 1"],
    [
      "a range in a range",
      [columns("1-3 abc"), columns("1 a"), columns("2-3 bc"), columns("2 b"), columns("3 c")],
      "line 3: Expected no range in a range but found 2-3",
    ],
    [
      "an empty node out of order",
      [columns("2.1 a"), columns("1 b")],
      "line 1: Expected an empty node after word 0 but found 2.1",
    ],
    ["an empty form", ["1\t\t_\t_\t_\t_\t_\t_\t_\t_"], "line 1: Expected a form in column 2 but found nothing"],
    [
      "a head that is no number",
      [columns("1 a _ _ _ _ x")],
      'line 1: Expected a number or _ in column 7 but found "x"',
    ],
    ["a head outside the sentence", [columns("1 a _ _ _ _ 2")], "line 1: Expected a head from 0 to 1 but found 2"],
    ["comments without words", ["# text = a", ""], "line 1: Expected words after the comments"],
    [
      "a text without its words",
      ["# sent_id = s7", "# text = a c", columns("1 a"), columns("2 b")],
      'x.conllu: Expected the word "b" in the text "a c" of sentence s7, after its first 1 characters',
    ],
    [
      "a sentence without a name likewise",
      ["", "# text = b", columns("1 a")],
      'the word "a" in the text "b" of the sentence at line 2',
    ],
  ])("refuses %s", (_, text, message) => {
    expect(() => raw(text.join("\n"))).toThrow(message);
  });
});
