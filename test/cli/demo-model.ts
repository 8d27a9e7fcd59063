import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const demo = join(import.meta.dirname, "../../src/demo");

/** The small transformer that the repository ships. */
export const llama = join(demo, "models/llama");

/** The small recurrent model that the repository ships. */
export const lstm = join(demo, "models/lstm");

/** Writes the first sentences of the shipped treebank to a file of its own, and returns its path. */
export function writeCorpus(folder: string, sentences: number, name = "corpus.conllu"): string {
  const blocks = readFileSync(join(demo, "corpus/test.conllu"), "utf8").split("\n\n");
  const path = join(folder, name);
  writeFileSync(path, `${blocks.slice(0, sentences).join("\n\n")}\n\n`);
  return path;
}
