import { expect, test } from "vitest";
import { contextText } from "../../src/reports/context-text.js";

const row = { row: 0, value: 1, sentence: 0, position: 0 };

test("a context's texts have spaces between them, unless they bring their own", () => {
  expect(contextText({ ...row, text: "c", before: ["a", "b"], after: [] })).toEqual({ before: "a b ", after: "" });
  expect(contextText({ ...row, text: "c", before: [], after: ["d"] })).toEqual({ before: "", after: " d" });
  expect(contextText({ ...row, text: "c", before: ["a", " "], after: ["d"] })).toEqual({ before: "a ", after: "d" });
});
