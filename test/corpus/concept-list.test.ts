import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { corpusRows } from "../../src/corpus/row-table.js";
import { temporaryFolder } from "../temporary-folder.js";

const root = temporaryFolder();
let folders = 0;

function folderOf(list: string | null, files: Readonly<Record<string, unknown>> = {}): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  if (list !== null) writeFileSync(join(folder, "concept_list.csv"), list);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), JSON.stringify(content));
  }
  return folder;
}

const cat = {
  concept: "cat",
  group: "sense",
  sentences: { positive: ["A cat ."], negative: ["It rained .", "Dogs !"] },
};
const law = { concept: "law", group: "topic", sentences: { positive: ["It rained ."], negative: ["A cat ."] } };

describe("a folder of concept files", () => {
  test("is a corpus of all of them, whose sentences know their list", async () => {
    const folder = folderOf("group,concept\nsense,cat\r\ntopic,law\n\n", {
      "sense/cat.json": cat,
      "topic/law.json": law,
    });
    const corpus = await readCorpus(folder);
    expect(corpus.sentences.map(({ text }) => text)).toEqual([
      "A cat .",
      "It rained .",
      "Dogs !",
      "It rained .",
      "A cat .",
    ]);
    const rows = corpusRows(corpus, "sentence");
    expect(rows.column("list")).toEqual(["sense/cat", "sense/cat", "sense/cat", "topic/law", "topic/law"]);
    expect(rows.column("concept")).toEqual(["sense/cat", null, null, "topic/law", null]);
    expect(corpusRows(corpus, "word").column("concept").slice(0, 4)).toEqual([
      "sense/cat",
      "sense/cat",
      "sense/cat",
      null,
    ]);
    const other = folderOf("group,concept\nsense,cat\n", { "sense/cat.json": cat });
    expect((await readCorpus(other)).fingerprint).not.toBe(corpus.fingerprint);
    expect((await readCorpus(other)).sentences.length).toBe(3);
  });

  test.each([
    [null, "concept_list.csv"],
    ["concept\ncat\n", "Expected the columns group,concept"],
    ["group,concept\ncat\n", "line 2"],
    ["group,concept\nsense,cat\nsense,cat\n", "Expected every concept once but sense,cat is there again"],
    ["group,concept\n", "Expected at least one concept with sentences but found none"],
    ["group,concept\nsense,dog\n", "dog.json"],
  ])("is refused: %j", async (list, message) => {
    await expect(readCorpus(folderOf(list, { "sense/cat.json": cat }))).rejects.toThrow(message);
  });
});
