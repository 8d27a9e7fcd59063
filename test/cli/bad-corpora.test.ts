import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { llama } from "./demo-model.js";
import { refusal } from "./refusal.js";

const folder = temporaryFolder();

describe("a corpus", () => {
  const extract = (corpus: string) => [
    "extract",
    "--model",
    llama,
    "--corpus",
    corpus,
    "--sites",
    "final",
    "--out",
    "x",
  ];
  test.each<[string, string, RegExp]>([
    ["empty.txt", "", /empty\.txt: Expected at least one sentence/],
    ["bad.conllu", "1\tThe\n\n", /bad\.conllu, line 1:/],
    ["order.conllu", "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n3\tb\tb\tX\t_\t_\t1\tdep\t_\t_\n\n", /order\.conllu, line 2:/],
  ])("%s is refused with its line", async (name, text, sentence) => {
    writeFileSync(join(folder, name), text);
    expect(await refusal(folder, extract(name))).toMatch(sentence);
  });

  test("that is not there is refused", async () => {
    expect(await refusal(folder, extract("no.conllu"))).toContain("no.conllu");
  });
});
