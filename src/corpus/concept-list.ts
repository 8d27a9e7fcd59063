import { createHash } from "node:crypto";
import { join } from "node:path";
import { FileError } from "../core/errors.js";
import { exists } from "../core/files.js";
import { parseConceptFile } from "./concept-file.js";
import type { Corpus, Sentence, TextForm } from "./corpus.js";
import { lines, readBytes } from "./lines.js";

const listName = "concept_list.csv";

/**
 * The concepts of a folder as ml-selfcond keeps them (Suau et al. 2022): `concept_list.csv` with the columns `group` and
 * `concept`, and a file GROUP/CONCEPT.json of each (src/corpus/concept-file.ts). The sentences stand one file behind the
 * other and have the label `list`, GROUP/CONCEPT, of the file they are from; positive ones have it as `concept` too.
 *
 * @throws FileError for a list that is none, a concept that is listed twice, and a file that is missing or broken
 */
export async function readConceptList(folder: string, form: TextForm = "written"): Promise<Corpus> {
  const path = join(folder, listName);
  if (!(await exists(path))) throw new FileError(folder, `cannot be read because it is a folder without ${listName}`);
  const bytes = await readBytes(path);
  const hash = createHash("sha256").update(bytes);
  const sentences: Sentence[] = [];
  for (const { group, concept } of parseList(path, bytes)) {
    const file = join(folder, group, `${concept}.json`);
    const content = await readBytes(file);
    hash.update(content);
    const list = `${group}/${concept}`;
    for (const sentence of parseConceptFile(file, new TextDecoder().decode(content), form)) {
      sentences.push({
        ...sentence,
        labels: sentence.labels.concept === undefined ? { list } : { list, concept: list },
      });
    }
  }
  if (sentences.length === 0) throw new FileError(path, "Expected at least one concept with sentences but found none");
  return { path: folder, fingerprint: hash.digest("hex"), sentences, options: form === "words" ? { text: form } : {} };
}

function* parseList(path: string, bytes: Uint8Array): Generator<{ readonly group: string; readonly concept: string }> {
  const known = new Set<string>();
  for (const { text, number } of lines(path, bytes)) {
    if (number === 1) {
      if (text.trim() !== "group,concept") throw new FileError(path, "Expected the columns group,concept", "line 1");
      continue;
    }
    if (text.trim() === "") continue;
    const [group = "", concept = "", ...others] = text.split(",").map((field) => field.trim());
    if (group === "" || concept === "" || others.length > 0) {
      throw new FileError(path, "Expected a group and a concept, such as sense,football-1_04_00__", `line ${number}`);
    }
    if (known.has(text)) throw new FileError(path, `Expected every concept once but ${text} is there again`, `line ${number}`); // biome-ignore format: one line
    known.add(text);
    yield { group, concept };
  }
}
