import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveConcept } from "../../src/corpus/concepts.js";
import { readCorpus } from "../../src/corpus/read.js";
import { corpusRows } from "../../src/corpus/row-table.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();

async function read(content: unknown) {
  const path = join(folder, "football-1_04_00__.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return await readCorpus(path);
}

describe("a concept file", () => {
  test("is a corpus whose positive sentences have the concept, and their words too", async () => {
    const corpus = await read({
      concept: "football-1_04_00__",
      group: "sense",
      sentences: { positive: ["He kicked the ball .", "A goal !"], negative: ["It rained ."] },
    });
    expect(corpus.sentences.map(({ text }) => text)).toEqual(["He kicked the ball .", "A goal !", "It rained ."]);
    const specification = "concept=football-1_04_00__";
    expect([...resolveConcept(corpusRows(corpus, "sentence"), specification).labels]).toEqual([0, 0, -1]);
    const words = resolveConcept(corpusRows(corpus, "word"), specification);
    expect([...words.labels].slice(6)).toEqual([0, 0, -1, -1, -1]);
  });

  test.each([
    ["{", "is not JSON"],
    ["3", "Expected a JSON object with concept and sentences"],
    [{ sentences: {} }, "Expected concept to be a name"],
    [{ concept: "c" }, "Expected sentences with lists positive and negative"],
    [{ concept: "c", sentences: { positive: ["a"] } }, "Expected sentences.negative to be a list of texts"],
    [
      { concept: "c", sentences: { positive: ["a", " "], negative: [] } },
      "Expected sentences.positive[1] to be a text that is not blank",
    ],
    [
      { concept: "c", sentences: { positive: ["a"], negative: [3] } },
      "Expected sentences.negative[0] to be a text that is not blank",
    ],
  ])("is refused: %j", async (content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });
});
