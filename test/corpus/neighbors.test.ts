import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { conceptText } from "../../src/corpus/formula-text.js";
import { withNeighbors } from "../../src/corpus/neighbors.js";
import { readVocabulary } from "../../src/corpus/vocabulary.js";
import { tableOf } from "../activations/table.js";
import { unpackBits } from "../random.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const forms = ["law", "Rule", "rule", "dog", "cat", "puppy", "horse", "cow", "pig", "hen", "zzz"];
const table = tableOf("word", [...forms.keys()].fill(0), [...forms.keys()], forms, { form: forms });

function vectorFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const angles = { law: 0, rule: 0.1, dog: 2, puppy: 2.01, cat: 2.1, horse: 2.2, cow: 2.3, pig: 2.4, hen: 2.5, other: 1 };
const lines = Object.entries(angles).map(([word, angle]) => `${word} ${3 * Math.cos(angle)} ${3 * Math.sin(angle)}`);

test.each([
  ["GloVe", lines.join("\n")],
  ["word2vec", [`${lines.length} 2`, ...lines, ""].join("\n")],
])("stands for a word and its five nearest ones in the corpus, from %s vectors", async (name, text) => {
  const path = vectorFile(name, text);
  const { concepts, bits, fingerprint } = await withNeighbors(
    readVocabulary(table, ["form=dog", "form=zzz"]),
    table,
    path,
  );
  expect(concepts.map(conceptText)).toEqual(["form=dog", "form=zzz", "NEIGHBORS(form=dog)"]);
  expect(concepts[2]!.neighbors).toEqual(["puppy", "cat", "horse", "cow", "pig"]);
  const on = unpackBits(bits.bits, 3, forms.length)[2]!.flatMap((is, row) => (is ? [forms[row]] : []));
  expect(on).toEqual(["dog", "cat", "puppy", "horse", "cow", "pig"]);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

test("looks words up in lower case where they have no vector of their own; one vector counts once", async () => {
  const { concepts } = await withNeighbors(
    readVocabulary(table, ["form=Rule", "form=law"]),
    table,
    vectorFile("v", lines.join("\n")),
  );
  expect(concepts[2]!.neighbors!.slice(0, 2)).toEqual(["law", "dog"]);
  expect(concepts[3]!.neighbors!.slice(0, 3)).toEqual(["Rule", "rule", "dog"]);
});

test("refuses a damaged file, and one without a word of the vocabulary", async () => {
  const vocabulary = readVocabulary(table, ["form"]);
  await expect(withNeighbors(vocabulary, table, vectorFile("short", "law 1 2\ndog 1\n"))).rejects.toThrow(
    /short, line 2: Expected a word and 2 numbers but found 1$/,
  );
  await expect(withNeighbors(vocabulary, table, vectorFile("words", "law 1 x\n"))).rejects.toThrow(
    /words, line 1: Expected numbers behind the word$/,
  );
  await expect(withNeighbors(vocabulary, table, vectorFile("none", "nothing 1 2\n"))).rejects.toThrow(
    /^Expected vectors of words of the vocabulary \(form or lemma\) for neighbors but received/,
  );
});
