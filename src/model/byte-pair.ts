import { FileError } from "../core/errors.js";
import { readText } from "../core/reading.js";
import { readJsonFile } from "./json-file.js";
import type { TokenizerSettings } from "./special-tokens.js";
import { idOf, templateOf } from "./token-template.js";
import type { Description } from "./vocabulary-tokenizer.js";

/** Families of byte-level pairs: they differ in their special tokens and in how a text is cut into words. */
export type BytePairKind = "gpt2" | "roberta" | "qwen2";

const specialTokens: Readonly<Record<BytePairKind, Readonly<Record<string, string | null>>>> = {
  gpt2: {
    unk_token: "<|endoftext|>",
    bos_token: "<|endoftext|>",
    eos_token: "<|endoftext|>",
    pad_token: null,
  },
  roberta: {
    bos_token: "<s>",
    eos_token: "</s>",
    sep_token: "</s>",
    cls_token: "<s>",
    unk_token: "<unk>",
    pad_token: "<pad>",
    mask_token: "<mask>",
  },
  qwen2: { unk_token: "<|endoftext|>", bos_token: null, eos_token: "<|endoftext|>", pad_token: "<|endoftext|>" },
};

/** Where Qwen 2 cuts: contractions, a word with the sign before it, single digits, signs, line ends, other spaces. */
const qwenWords = [
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
  "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+",
  "\\p{N}",
  " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*",
  "\\s*[\\r\\n]+",
  "\\s+(?!\\S)",
  "\\s+",
].join("|");

/**
 * Byte-level byte pairs (Radford et al. 2019): `vocab.json` has the ids of tokens, `merges.txt` a pair a line, the
 * most frequent first. `add_prefix_space`, `trim_offsets`, `add_bos_token` and `add_eos_token` are the settings'.
 *
 * @throws FileError for a merge of or into what the vocabulary lacks, or a token of the template that it lacks
 */
export async function bytePairDescription(
  paths: { readonly vocabulary: string; readonly merges: string },
  kind: BytePairKind,
  settings: TokenizerSettings,
): Promise<Description> {
  const vocabulary = await readVocabulary(paths.vocabulary);
  const merges = await readMerges(paths.merges, vocabulary);
  const added = settings.describe(vocabulary, specialTokens[kind], kind === "roberta" ? ["mask_token"] : []);
  const prefixed = settings.config.flag("add_prefix_space", false);
  const bytes = { type: "ByteLevel", add_prefix_space: prefixed, trim_offsets: true };
  const cut = { type: "Split", pattern: { Regex: qwenWords }, behavior: "Isolated", invert: false };
  return {
    files: [paths.vocabulary, paths.merges, ...settings.files],
    content: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: kind === "qwen2" ? { type: "NFC" } : null,
      pre_tokenizer:
        kind === "qwen2"
          ? { type: "Sequence", pretokenizers: [cut, { ...bytes, use_regex: false }] }
          : { ...bytes, use_regex: true },
      post_processor: endsOf(paths.vocabulary, kind, settings, vocabulary, added, prefixed),
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        vocab: Object.fromEntries(vocabulary),
        merges,
      },
    },
  };
}

/** RoBERTa's ends stand around every text, GPT-2's where the settings ask for them. */
function endsOf(
  path: string,
  kind: BytePairKind,
  settings: TokenizerSettings,
  vocabulary: ReadonlyMap<string, number>,
  added: Parameters<typeof idOf>[2],
  prefixed: boolean,
): object | null {
  const spelling = (key: string) => settings.spelling(key, specialTokens[kind][key] ?? null);
  if (kind === "roberta") {
    const [first, last] = [spelling("cls_token") ?? "<s>", spelling("sep_token") ?? "</s>"];
    return {
      type: "RobertaProcessing",
      sep: [last, idOf(path, vocabulary, added, last)],
      cls: [first, idOf(path, vocabulary, added, first)],
      trim_offsets: settings.config.flag("trim_offsets", true),
      add_prefix_space: prefixed,
    };
  }
  const first = settings.config.flag("add_bos_token", false) ? spelling("bos_token") : null;
  const last = settings.config.flag("add_eos_token", false) ? spelling("eos_token") : null;
  return first === null && last === null ? null : templateOf(path, vocabulary, added, { first, last });
}

async function readVocabulary(path: string): Promise<Map<string, number>> {
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(await readJsonFile(path, "a vocab.json"))) {
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) {
      throw new FileError(
        path,
        `Expected an id for the token ${JSON.stringify(token)} but received ${JSON.stringify(id)}`,
      );
    }
    vocabulary.set(token, id);
  }
  return vocabulary;
}

async function readMerges(path: string, vocabulary: ReadonlyMap<string, number>): Promise<[string, string][]> {
  const merges: [string, string][] = [];
  for (const [i, line] of (await readText(path)).split(/\r?\n/).entries()) {
    if (line === "" || (i === 0 && line.startsWith("#version"))) continue;
    const [left = "", right = "", more] = line.split(" ");
    if (left === "" || right === "" || more !== undefined) {
      throw new FileError(path, "Expected two tokens with a space between", `line ${i + 1}`);
    }
    const stranger = [left, right, left + right].find((token) => !vocabulary.has(token));
    if (stranger !== undefined) {
      throw new FileError(
        path,
        `Expected tokens of the vocabulary but ${JSON.stringify(stranger)} is none`,
        `line ${i + 1}`,
      );
    }
    merges.push([left, right]);
  }
  return merges;
}
