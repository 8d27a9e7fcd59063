import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Config } from "../../src/model/config.js";
import { type Encoding, loadTokenizer } from "../../src/model/tokenizer.js";
import { temporaryFolder } from "../temporary-folder.js";

const folder = temporaryFolder();
const named = (values: Record<string, unknown>) => loadTokenizer(folder, new Config("config.json", values));
const spans = ({ starts, ends }: Encoding) => Array.from(starts, (start, i) => [start, ends[i]]);
const vocabulary = { "<s>": 0, "▁": 1, "▁a": 2, b: 3, "😀": 4, "<unk>": 5 };

/** A SentencePiece-like tokenizer that also asks for truncation and padding. */
const file = {
  version: "1.0",
  truncation: { max_length: 2, strategy: "LongestFirst", stride: 0, direction: "Right" },
  padding: { strategy: { Fixed: 9 }, direction: "Right", pad_id: 0, pad_type_id: 0, pad_token: "<s>" },
  added_tokens: [
    { id: 0, content: "<s>", single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  ],
  normalizer: {
    type: "Sequence",
    normalizers: [
      { type: "Prepend", prepend: "▁" },
      { type: "Replace", pattern: { String: " " }, content: "▁" },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] } },
  },
  decoder: { type: "Replace", pattern: { String: "▁" }, content: " " },
  model: { type: "BPE", unk_token: "<unk>", vocab: vocabulary, merges: [] },
};

describe("a tokenizer.json", () => {
  it("gives ids, code points and the template's tokens, and is neither cut nor padded", async () => {
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(file));
    const tokenizer = await named({});
    const [encoding] = await tokenizer.encode(["😀 b<s>b"]);
    expect([...encoding!.ids]).toEqual([0, 1, 4, 1, 3, 0, 1, 3]);
    expect([...encoding!.special]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
    expect(spans(encoding!).slice(0, 6)).toEqual([[0, 0], [0, 1], [0, 1], [1, 2], [2, 3], [3, 6]]); // biome-ignore format: pairs
    expect([tokenizer.size, tokenizer.token(4), tokenizer.id("b"), tokenizer.id("c")]).toEqual([6, "😀", 3, null]);
    expect(await tokenizer.decode([0, 3, 1, 4])).toBe("b 😀");
  });

  it("gives the same for many texts as for each alone, in their order", async () => {
    const tokenizer = await named({});
    const texts = Array.from({ length: 1100 }, (_, i) => "b".repeat(i % 7));
    const encodings = await tokenizer.encode(texts);
    expect(encodings.map(({ ids }) => ids.length)).toEqual(texts.map((text) => (text === "" ? 1 : 2 + text.length)));
    expect(await tokenizer.encode([])).toEqual([]);
  });

  it("is refused when it is missing or nothing the library knows", async () => {
    const elsewhere = temporaryFolder();
    const load = () => loadTokenizer(elsewhere, new Config("config.json", {}));
    await expect(load()).rejects.toThrow("tokenizer.json: there is no such file");
    writeFileSync(join(elsewhere, "tokenizer.json"), readFileSync(join(folder, "tokenizer.json"), "utf8").slice(1));
    await expect(load()).rejects.toThrow("tokenizer.json, line 1: Expected a tokenizer.json but it is not valid JSON");
    writeFileSync(join(elsewhere, "tokenizer.json"), "{}");
    await expect(load()).rejects.toThrow("Expected a tokenizer.json but the tokenizers library cannot read it");
  });
});

describe("a byte tokenizer", () => {
  it("gives every byte the whole character it is part of", async () => {
    const tokenizer = await named({ tokenizer: "bytes" });
    const [encoding] = await tokenizer.encode(["aé😀"]);
    expect([...encoding!.ids]).toEqual([0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80]);
    expect([...encoding!.starts]).toEqual([0, 1, 1, 2, 2, 2, 2]);
    expect([...encoding!.ends]).toEqual([1, 2, 2, 3, 3, 3, 3]);
    expect(await tokenizer.decode(encoding!.ids)).toBe("aé😀");
    expect([tokenizer.token(0x61), tokenizer.token(10), tokenizer.token(256)]).toEqual(["a", "<0x0A>", null]);
    expect([tokenizer.id("<0x0A>"), tokenizer.id("é")]).toEqual([10, null]);
  });
});

describe("a character tokenizer", () => {
  const config = { tokenizer: "characters", characters: "ab😀 " };

  it("gives places in its alphabet", async () => {
    const tokenizer = await named(config);
    const [encoding] = await tokenizer.encode(["b 😀a"]);
    expect([...encoding!.ids]).toEqual([1, 3, 2, 0]);
    expect(spans(encoding!)).toEqual([[0, 1], [1, 2], [2, 3], [3, 4]]); // biome-ignore format: pairs
    expect(await tokenizer.decode([2, 1])).toBe("😀b");
  });

  it("refuses a character outside its alphabet, or skips it when asked", async () => {
    const tokenizer = await named(config);
    await expect(tokenizer.encode(["a", "abc"])).rejects.toThrow(
      'Expected a character of the model\'s alphabet for character 3 of texts[1] but received "c"',
    );
    const [encoding] = await tokenizer.encode(["cé a"], { unknown: "skip" });
    expect([...encoding!.ids]).toEqual([3, 0]);
    expect(spans(encoding!)).toEqual([[2, 3], [3, 4]]); // biome-ignore format: pairs
  });

  it("is refused with an alphabet that repeats, and so is a tokenizer of another name", async () => {
    await expect(named({ tokenizer: "characters", characters: "aba" })).rejects.toThrow("without repetition");
    await expect(named({ tokenizer: "byte" })).rejects.toThrow('one of bytes, characters (did you mean "bytes"?)');
  });
});
