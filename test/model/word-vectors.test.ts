import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { activations } from "../../src/activations/live.js";
import { textCorpus } from "../../src/corpus/text-corpus.js";
import { loadModel } from "../../src/model/load.js";
import { readBinaryVectors } from "../../src/model/word-vectors-binary.js";
import { readTextVectors } from "../../src/model/word-vectors-text.js";
import { collect } from "../activations/collect.js";
import { devices } from "../devices.js";

/** The bytes in pieces of a few, so that words and numbers are cut everywhere. */
async function* piecesOf(content: string | Uint8Array, size = 5): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const readText = (content: string) => readTextVectors("x.vec", piecesOf(content));
const readBinary = (content: Uint8Array) => readBinaryVectors("x.bin", piecesOf(content));

function binary(header: string, words: readonly [string, ...number[]][], lineEnds = "\n"): Buffer {
  const parts = words.map(([word, ...numbers]) =>
    Buffer.concat([Buffer.from(`${word} `), Buffer.from(Float32Array.from(numbers).buffer), Buffer.from(lineEnds)]),
  );
  return Buffer.concat([Buffer.from(`${header}\n`), ...parts]);
}

describe("word vectors as text", () => {
  it("are read with and without a line of sizes, with words that hold spaces", async () => {
    const wanted = { words: ["the", "über", ". . ."], width: 2, matrix: Float32Array.of(1, -2.5, 0.001, 4, 1e-7, -0) };
    const body = "the 1 -2.5\nüber 0.001 +4\r\n. . . 1e-7 -0\n";
    expect(await readText(body)).toEqual(wanted);
    expect(await readText(`3 2\n${body}`)).toEqual(wanted);
  });

  it("are the float32 numbers next to what is written", async () => {
    const numbers = ["0.1", "-0.123456789012345678", "123456789.125", "3.4e38", "-.5", "7.", "0.30000001192092896"];
    const { matrix } = await readText(`w ${numbers.join(" ")}\n`);
    expect([...matrix]).toEqual(numbers.map((number) => Math.fround(Number(number))));
  });

  it("have of a repeated word the first vector", async () => {
    expect(await readText("3 1\na 1\nb 2\na 3\n")).toEqual({
      words: ["a", "b"],
      width: 1,
      matrix: Float32Array.of(1, 2),
    });
  });

  it.each([
    ["an empty file", "", "x.vec: Expected words with their vectors but the file is empty"],
    ["a first line without numbers", "word\n", "x.vec, line 1: Expected a word and its numbers"],
    ["too few numbers", "a 1 2\nb 1\n", "x.vec, line 2: Expected a word and 2 numbers but found fewer"],
    ["what is no number", "a 1 2\nb x 2\n", 'x.vec, line 2: Expected a word and 2 numbers but found "x"'],
    ["a number that is not one", "a 1 2\nb nan 2\n", 'x.vec, line 2: Expected a word and 2 numbers but found "nan"'],
    ["an infinite number", "a 1 2\nb 2 1e39\n", 'x.vec, line 2: Expected finite numbers for "b" but found Infinity'],
    ["no word", "a 1 2\n 1 2\n", "x.vec, line 2: Expected a word"],
    ["fewer words than it says", "3 1\na 1\nb 2\n", "x.vec: is cut short: expected 3 words but it has 2"],
  ])("refuses %s", async (_, content, message) => {
    await expect(readText(content)).rejects.toThrow(message);
  });
});

describe("word vectors in word2vec's binary format", () => {
  it.each([["\n"], [""]])("are read with %j behind each", async (lineEnd) => {
    const read = await readBinary(binary("3 2", [["the", 1, 2], ["é", -3, 4], ["the", 5, 6]], lineEnd)); // biome-ignore format: one line
    expect(read).toEqual({ words: ["the", "é"], width: 2, matrix: Float32Array.of(1, 2, -3, 4) });
  });

  it.each([
    [
      "another kind of file",
      Buffer.from("no header here\nx"),
      "x.bin, byte 0: Expected a line with the number of words",
    ],
    ["fastText's own format", Buffer.from([0xba, 0x16, 0x4f, 0x2f, 1, 2, 3]), "it is fastText's: use its .vec file"],
    ["a file that is cut short", binary("2 2", [["a", 1, 2]]), "x.bin: is cut short: expected 2 words but it has 1"],
    ["a vector that is cut short", binary("1 9", [["a", 1, 2]]), "x.bin: is cut short: expected 1 words but it has 0"],
    ["NaN", binary("1 2", [["a", 1, Number.NaN]]), 'x.bin, word 1: Expected finite numbers for "a" but found NaN'],
  ])("refuses %s", async (_, content, message) => {
    await expect(readBinary(content)).rejects.toThrow(message);
  });
});

describe.each(devices)("a file of word vectors as a model on %s", (_, open) => {
  const folder = mkdtempSync(join(tmpdir(), "vectors-"));
  const opened = open();
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await (await opened)[Symbol.asyncDispose]();
  });

  const path = join(folder, "tiny.vec");
  writeFileSync(path, "3 2\nthe 1 2\ncat 3 4\nsat 5 6\n");
  const text = textCorpus("the cat 𝕏 sat\nsat\n");

  it("has the single site embed", async () => {
    await using model = await loadModel(path, { device: await opened });
    expect([model.name, model.family, model.layers, model.head.kind, model.parameters]).toEqual(["tiny.vec", "static", 0, "none", 8]); // biome-ignore format: one line
    expect(model.sites).toEqual([{ name: "embed", width: 2 }]);
  });

  it("gives words their vectors: unknown ones are refused, skipped or zeros", async () => {
    await using model = await loadModel(path, { device: await opened });
    const read = async (options: object) => collect(await activations(model, text, { sites: "embed", ...options }));
    await expect(read({})).rejects.toThrow('word "𝕏" of texts[0]');
    expect(await read({ unknown: "skip" })).toEqual([1, 2, 3, 4, 5, 6, 5, 6]);
    expect(await read({ unknown: "zero" })).toEqual([1, 2, 3, 4, 0, 0, 5, 6, 5, 6]);
    expect(await read({ unknown: "zero", rows: "word" })).toEqual([1, 2, 3, 4, 0, 0, 5, 6, 5, 6]);
    expect(await read({ unknown: "skip", rows: "sentence", pool: "mean" })).toEqual([3, 4, 5, 6]);
    await expect(read({ unknown: "skip", rows: "word" })).rejects.toThrow('word 2 ("𝕏") of sentence 0');
  });

  it("refuses random weights, and a file that is not there", async () => {
    const device = await opened;
    await expect(loadModel(path, { device, weights: "random" })).rejects.toThrow("file for a file of vectors");
    await expect(loadModel(join(folder, "none.vec"), { device })).rejects.toThrow("there is none");
  });
});
