import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";

let folder: string;
const write = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "corpus-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("readCorpus", () => {
  test.each([
    ["a.conllu", "1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n2\tb\t_\t_\t_\t_\t_\t_\t_\t_\n", ["a b"]],
    ["a.csv", "label,sentence\n1,a b\n", ["a b"]],
    ["a.tsv", "label\tsentence\n1\ta b\n", ["a b"]],
    ["a.jsonl", '{"sentence_good":"a b","sentence_bad":"b a"}\n', ["a b", "b a"]],
    ["a.txt", "a b\n", ["a b"]],
    ["a", "a b\n", ["a b"]],
  ])("knows what %s is by its name", async (name, text, expected) => {
    const corpus = await readCorpus(await write(name, text));
    expect(corpus.sentences.map((sentence) => sentence.text)).toEqual(expected);
  });

  test("carries the SHA-256 of the file", async () => {
    const corpus = await readCorpus(await write("f.txt", "a\n"));
    expect(corpus.fingerprint).toBe(createHash("sha256").update("a\n").digest("hex"));
  });

  test("reads a file as what it is said to be", async () => {
    const corpus = await readCorpus(await write("b.txt", "x,y\na,b\n"), { format: "csv", textColumn: "y" });
    expect(corpus.sentences[0]).toMatchObject({ text: "b", labels: { x: "a" } });
    expect(corpus.options).toEqual({ format: "csv", textColumn: "y" });
    expect((await readCorpus(corpus.path)).options).toEqual({});
  });

  test("refuses a file without a sentence, a folder, and a file that is not there", async () => {
    await expect(readCorpus(await write("e.txt", "\n \n"))).rejects.toThrow(
      "e.txt: Expected at least one sentence but found none",
    );
    await expect(readCorpus(folder)).rejects.toThrow("cannot be read because it is a folder");
    await expect(readCorpus(join(folder, "missing"))).rejects.toThrow("missing: there is no such file");
  });

  test("refuses options that it does not know, with the nearest", async () => {
    const misspelt: object = { textcolumn: "a" };
    await expect(readCorpus("x", misspelt)).rejects.toThrow('did you mean "textColumn"?');
    await expect(readCorpus("x", { format: "connlu" as "conllu" })).rejects.toThrow(
      'Expected one of conllu, csv, tsv, jsonl, json, text (did you mean "conllu"?) for format but received "connlu"',
    );
  });
});
