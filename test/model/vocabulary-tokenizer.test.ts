import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { Config } from "../../src/model/config.js";
import { loadTokenizer, type Tokenizer } from "../../src/model/tokenizer.js";
import { readFixture } from "../fixtures/read-json.js";
import { temporaryFolder } from "../temporary-folder.js";

interface Expected {
  readonly ids: readonly number[];
  readonly spans: readonly (readonly [number, number])[];
  readonly special: readonly number[];
}

interface Case {
  readonly name: string;
  readonly class: string;
  readonly files: Readonly<Record<string, string>>;
  readonly encodings: readonly Expected[];
}

const { texts, cases } = readFixture<{ texts: readonly string[]; cases: readonly Case[] }>("tokenizers.json");

/** A directory with some files. */
function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

const load = (folder: string, values: Record<string, unknown>) =>
  loadTokenizer(folder, new Config(join(folder, "config.json"), values));

async function encode(tokenizer: Tokenizer): Promise<Expected[]> {
  return (await tokenizer.encode(texts)).map(({ ids, starts, ends, special }) => ({
    ids: [...ids],
    spans: Array.from(starts, (start, i) => [start, ends[i]!] as const),
    special: [...special],
  }));
}

describe("vocabulary files", () => {
  test.each(cases)("of $name give transformers' ids, spans and masks", async ({ files, encodings, ...given }) => {
    const folder = write(temporaryFolder(), files);
    const tokenizer = await load(folder, { tokenizer_class: given.class });
    expect(await encode(tokenizer)).toEqual(encodings);
    expect(tokenizer.files).toEqual(
      Object.keys(files)
        .filter((name) => files[name] !== undefined)
        .map((name) => join(folder, name)),
    );
  });

  it("give the tokenizer that their family has where no class is named", async () => {
    const found = cases.find(({ name }) => name === "GPT-2")!;
    expect(await encode(await load(write(temporaryFolder(), found.files), { model_type: "gpt2" }))).toEqual(
      found.encodings,
    );
  });

  it("can add tokens with ids of their own, by either file", async () => {
    const found = cases.find(({ name }) => name === "GPT-2")!;
    const added = { "<new>": 301 };
    const byId = { added_tokens_decoder: { 301: { content: "<new>", special: false, normalized: false } } };
    for (const more of [{ "added_tokens.json": added }, { "tokenizer_config.json": byId }]) {
      const files = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, JSON.stringify(value)]));
      const folder = write(temporaryFolder(), { ...found.files, ...files });
      const tokenizer = await load(folder, { tokenizer_class: "GPT2TokenizerFast" });
      expect([tokenizer.size, tokenizer.id("<new>")]).toEqual([302, 301]);
      expect((await tokenizer.encode(["a<new>"]))[0]!.ids.at(-1)).toBe(301);
    }
  });

  it("stand behind a tokenizer.json where there is one", async () => {
    const folder = write(temporaryFolder(), { ...cases[0]!.files, "tokenizer.json": "{}" });
    await expect(load(folder, { model_type: "bert" })).rejects.toThrow("tokenizer.json: Expected a tokenizer.json");
  });
});

describe("vocabulary files are refused", () => {
  const pairs = cases.find(({ name }) => name === "GPT-2")!.files;
  const pieces = cases[0]!.files;
  const refused: [string, Record<string, string>, Record<string, unknown>, string][] = [
    ["where there are none", {}, { model_type: "bert" }, "tokenizer.json: there is no such file, nor vocab.txt, nor"],
    [
      "of SentencePiece",
      { "spiece.model": "x" },
      { model_type: "t5" },
      "spiece.model: Expected a tokenizer.json beside it, as SentencePiece models are not read: save it with transformers'",
    ],
    [
      "without merges",
      { "vocab.json": pairs["vocab.json"]! },
      { model_type: "gpt2" },
      "vocab.json: Expected merges.txt beside it, as the two make one tokenizer",
    ],
    [
      "of another class",
      { ...pieces, "tokenizer_config.json": '{"tokenizer_class":"BertJapaneseTokenizer"}' },
      { model_type: "bert" },
      "vocab.txt: Expected a tokenizer.json beside it, as BertJapaneseTokenizer does not read this file in a way we know",
    ],
    [
      "of a family that has others",
      pieces,
      { model_type: "gpt2" },
      "vocab.txt: Expected a tokenizer.json beside it, as GPT2Tokenizer does not read this file",
    ],
    [
      "without the unknown token",
      { "vocab.txt": "[CLS]\n[SEP]\na\n" },
      { model_type: "bert" },
      'vocab.txt: Expected the unknown token "[UNK]" but the vocabulary has none',
    ],
    [
      "without a token of the template",
      { "vocab.txt": "[UNK]\n[CLS]\na\n" },
      { model_type: "bert" },
      'vocab.txt: Expected the token "[SEP]", which is added to every text, but the vocabulary has none',
    ],
    [
      "with a merge of what the vocabulary lacks",
      { ...pairs, "merges.txt": "#version: 0.2\nĠ t\nq zz\n" },
      { model_type: "gpt2" },
      'merges.txt, line 3: Expected tokens of the vocabulary but "zz" is none',
    ],
    [
      "with a merge of one token",
      { ...pairs, "merges.txt": "Ġa\n" },
      { model_type: "gpt2" },
      "merges.txt, line 1: Expected two tokens with a space between",
    ],
    [
      "with an id that is none",
      { ...pairs, "vocab.json": '{"a":"b"}' },
      { model_type: "gpt2" },
      'vocab.json: Expected an id for the token "a" but received "b"',
    ],
    [
      "with an added token of an id that the vocabulary has",
      { ...pairs, "added_tokens.json": '{"<new>":7}' },
      { model_type: "gpt2" },
      'vocab.json: Expected the id 7 for the added token "<new>" but it is 301',
    ],
    [
      "with settings of the wrong kind",
      { ...pieces, "tokenizer_config.json": '{"do_lower_case":"yes"}' },
      { model_type: "bert" },
      'tokenizer_config.json: Expected true or false for do_lower_case but received "yes"',
    ],
  ];
  test.each(refused)("%s", async (_what, files, values, message) => {
    await expect(load(write(temporaryFolder(), files), values)).rejects.toThrow(message);
  });
});
