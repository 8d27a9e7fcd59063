import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readWholeText } from "../../src/corpus/whole-text.js";
import { temporaryFolder } from "../temporary-folder.js";

const path = join(temporaryFolder(), "text.txt");

test("a file is one sentence, with its line ends and blank lines", async () => {
  writeFileSync(path, "a\n\n b\r\n");
  const corpus = await readWholeText(path);
  expect(corpus.sentences).toEqual([{ text: "a\n\n b\r\n", words: [], labels: {} }]);
  expect(corpus.fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

test("what is missing, empty or no UTF-8 is refused", async () => {
  await expect(readWholeText(`${path}x`)).rejects.toThrow("there is no such file");
  writeFileSync(path, "");
  await expect(readWholeText(path)).rejects.toThrow("Expected a text but the file is empty");
  writeFileSync(path, Buffer.of(0xff, 0x41));
  await expect(readWholeText(path)).rejects.toThrow("Expected UTF-8 text but found other bytes");
});
