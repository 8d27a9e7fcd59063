import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classesOf } from "../../../src/corpus/concepts.js";
import { parseConllu } from "../../../src/corpus/conllu.js";
import { numbersOf } from "../../../src/corpus/numbers.js";
import { corpusRows } from "../../../src/corpus/row-table.js";
import type { Device } from "../../../src/device/device.js";
import { spearman } from "../../../src/methods/corpus/spearman.js";
import { annotated, arraySource } from "../../array-source.js";
import { devices } from "../../devices.js";
import { readFixture } from "../../fixtures/read-json.js";
import { randomNormals } from "../../random.js";

describe.each(devices)("spearman on %s", (_, open) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test("is 1 for any neuron that grows with the number, and −1 for one that falls", async () => {
    const table = annotated({ age: ["1", "10", "2", "100"] });
    const x = Float32Array.of(1, -1, 3, -3, 2, -2, 4, -3.5);
    const got = await spearman(arraySource(x, 2, { table }), { concept: "age", device });
    expect([...got.scores]).toEqual([1, 1]);
    expect([...got.signs]).toEqual([1, -1]);
    expect(got).toMatchObject({ method: "spearman", concept: { key: "age", value: null }, options: {} });
  });

  test("gives the numbers of scipy and numpy, with ties, rows without a number and a constant neuron", async () => {
    const fixture = readFixture<{ x: number[][]; numbers: (number | null)[]; rho: number[]; r2: number[] }>(
      "methods/numbers.json",
    );
    const table = annotated({ age: fixture.numbers.map((number) => (number === null ? null : String(number))) });
    const source = arraySource(Float32Array.from(fixture.x.flat()), 5, { table });
    const got = await spearman(source, { concept: "age", device });
    for (let column = 0; column < 5; column++) {
      expect(got.scores[column]! * got.signs[column]!).toBeCloseTo(fixture.rho[column]!, 12);
      expect(got.r2[column]).toBeCloseTo(fixture.r2[column]!, 12);
    }
    const labels = classesOf({ key: "labels", value: null }, table.column("age"));
    expect((await spearman(source, { concept: labels, device })).scores).toEqual(got.scores);
  });

  test("finds the planted neuron", async () => {
    const x = randomNormals(400 * 6, 3);
    for (let row = 0; row < 400; row++) x[row * 6 + 4]! -= row / 50;
    const source = arraySource(x, 6, { table: annotated({ upos: Array(400).fill("X") }) });
    const got = await spearman(source, { concept: "position", device });
    expect(got.order[0]).toBe(4);
    expect(got.signs[4]).toBe(-1);
    expect(got.scores[got.order[1]!]).toBeLessThan(0.2);
  });

  test("names the row and the neuron of a NaN", async () => {
    const x = Float32Array.of(1, 2, 3, Number.NaN);
    const source = arraySource(x, 2, { table: annotated({ upos: ["A", "B"] }) });
    await expect(spearman(source, { concept: "position", device })).rejects.toThrow(
      "Expected finite activations for row 1 of activations:1 but received NaN",
    );
  });
});

describe("numbers of rows", () => {
  const lines = ["1 the _ DET _ _ 2 det _ _", "2 cat _ NOUN _ _ 3 nsubj _ _", "3 sat _ VERB _ _ 0 root _ _", "", "1 the _ DET _ _ 0 root _ _", ""]; // biome-ignore format: one line each
  const text = lines.map((line, i) => ({ text: line.replaceAll(" ", "\t"), number: i + 1 }));
  const corpus = { path: "c", fingerprint: "c", sentences: [...parseConllu("c", text, "written")] };
  const [words, sentences] = [corpusRows(corpus, "word"), corpusRows(corpus, "sentence")];

  test.each([
    ["position", [0, 1, 2, 0]],
    ["relative-position", [0, 0.5, 1, 0]],
    ["length", [3, 3, 3, 1]],
    ["log-frequency", [Math.log(2), 0, 0, Math.log(2)]],
    ["depth", [2, 1, 0, 0]],
  ])("of words: %s", (key, expected) => {
    expect([...numbersOf(words, key).values]).toEqual(expected);
  });

  test.each([
    ["length", [3, 1]],
    ["depth", [2, 0]],
  ])("of sentences: %s", (key, expected) => {
    expect([...numbersOf(sentences, key).values]).toEqual(expected);
  });

  test("are refused where they are none, where they do not differ, and where a row has several", () => {
    expect(() => numbersOf(words, "upos")).toThrow(
      'Expected a key whose values are numbers for concept but received "upos=DET"',
    );
    expect(() => numbersOf(sentences, "position")).toThrow(
      'Expected numbers that differ between rows for concept but received "position"',
    );
    expect(() => numbersOf(annotated({ age: ["1", "Infinity"] }), "age")).toThrow('received "age=Infinity"');
    expect(() => numbersOf(words, "lenght")).toThrow('(did you mean "length"?)');
    const several = { ...sentences, keys: ["age"], column: () => [["1", "2"], "3"] };
    expect(() => numbersOf(several, "age")).toThrow(
      'Expected a key with one number a row for concept but received "age=1 and 2"',
    );
  });
});
