import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readCorpus } from "../../src/corpus/read.js";
import { Config } from "../../src/model/config.js";
import { loadTokenizer } from "../../src/model/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";
import { data } from "./folder.js";

/** Checks that a folder's vocabulary files read the EWT dev sentences as a model's tokenizer.json does. */
async function expectSame(folder: string, model: string, family: string): Promise<void> {
  const texts = (await readCorpus(`${data}corpora/UD_English-EWT/en_ewt-ud-dev.conllu`)).sentences;
  const config = new Config(join(folder, "config.json"), { model_type: family });
  const given = await loadTokenizer(`${data}models/${model}`, config);
  const made = await loadTokenizer(folder, config);
  const [expected, received] = await Promise.all(
    [given, made].map((tokenizer) => tokenizer.encode(texts.map(({ text }) => text))),
  );
  expect(received!.length).toBe(2_001);
  expect(received).toEqual(expected);
  expect([made.size, made.files.length]).toEqual([given.size, 2 + Number(family === "bert")]);
}

it("MiniLM's vocab.txt gives what its tokenizer.json gives on 2,001 sentences", async () => {
  const folder = temporaryFolder();
  for (const name of ["vocab.txt", "tokenizer_config.json", "special_tokens_map.json"]) {
    copyFileSync(`${data}models/all-minilm-l6-v2/${name}`, join(folder, name));
  }
  await expectSame(folder, "all-minilm-l6-v2", "bert");
});

it("a GPT-2's vocab.json and merges.txt give what its tokenizer.json gives on 2,001 sentences", async () => {
  const folder = temporaryFolder();
  const { model } = JSON.parse(readFileSync(`${data}models/small-gpt2/tokenizer.json`, "utf8"));
  writeFileSync(join(folder, "vocab.json"), JSON.stringify(model.vocab));
  const merges: string[][] = model.merges;
  writeFileSync(join(folder, "merges.txt"), ["#version: 0.2", ...merges.map((pair) => pair.join(" "))].join("\n"));
  await expectSame(folder, "small-gpt2", "gpt2");
});
