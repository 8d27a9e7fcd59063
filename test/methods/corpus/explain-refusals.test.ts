import { describe, expect, test } from "vitest";
import { explain } from "../../../src/methods/corpus/explain.js";
import { annotated, arraySource } from "../../array-source.js";
import { randomNormals } from "../../random.js";

describe("explain refuses", () => {
  const source = arraySource(Float32Array.of(1, -1), 1, { table: annotated({ upos: ["A", "B"] }) });

  test.each([
    [{}, "Expected concepts such as upos,form:500, or labels for concepts but received undefined"],
    [{ concepts: "upos", beam: 0 }, "Expected a positive integer for beam but received 0"],
    [{ concepts: "upos", length: 1.5 }, "Expected a positive integer for length but received 1.5"],
    [{ concepts: "upos", penalty: 0 }, "Expected a number above 0 and at most 1 for penalty but received 0"],
    [
      { concepts: "upos", threshold: 1, quantile: 0.5 },
      "Expected nothing beside threshold for quantile but received 0.5",
    ],
    [
      { concepts: "upos=C" },
      'Expected a value of upos (did you mean "A" or "B"?), such as A, B, for concept but received "upos=C"',
    ],
    [{ concepts: "upso" }, '(did you mean "upos"?) for concepts but received "upso"'],
  ])("%j", async (options, message) => {
    await expect(explain(source, options)).rejects.toThrow(message);
  });

  test("to prove the best formula of too many concepts", async () => {
    const forms = Array.from({ length: 101 }, (_, row) => `w${row}`);
    const many = arraySource(randomNormals(101, 1), 1, { table: annotated({ form: forms }) });
    await expect(explain(many, { concepts: "form", exact: true })).rejects.toThrow(
      "Expected a vocabulary of at most 100 concepts for exact but received 101",
    );
  });

  test("concepts of rows without annotations", async () => {
    await expect(explain(arraySource(Float32Array.of(1, -1), 1), { concepts: "upos" })).rejects.toThrow(
      'Expected labels, as the rows of array have no annotations, for concepts but received "upos"',
    );
  });
});
