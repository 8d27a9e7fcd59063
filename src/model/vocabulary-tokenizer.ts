import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { FileError } from "../core/errors.js";
import { exists } from "../core/files.js";
import { type BytePairKind, bytePairDescription } from "./byte-pair.js";
import type { Config } from "./config.js";
import { describedTokenizer } from "./file-tokenizer.js";
import { type AddedToken, readTokenizerSettings, type TokenizerSettings } from "./special-tokens.js";
import type { Tokenizer } from "./tokenizer.js";
import { wordPieceDescription } from "./word-piece.js";

/** What a tokenizer.json would say, and the files that it was put together from. */
export interface Description {
  readonly content: {
    readonly version: "1.0";
    readonly added_tokens: readonly AddedToken[];
    readonly [part: string]: unknown;
  };
  readonly files: readonly string[];
}

type Kind = "word pieces" | BytePairKind;

/** How the tokenizer classes of transformers read a vocabulary. */
const kindOfClass: Readonly<Record<string, Kind>> = {
  BertTokenizer: "word pieces",
  DistilBertTokenizer: "word pieces",
  ElectraTokenizer: "word pieces",
  GPT2Tokenizer: "gpt2",
  CodeGenTokenizer: "gpt2",
  RobertaTokenizer: "roberta",
  BartTokenizer: "roberta",
  LongformerTokenizer: "roberta",
  Qwen2Tokenizer: "qwen2",
};

/** The classes of families whose files name none. */
const classOfFamily: Readonly<Record<string, string>> = {
  bert: "BertTokenizer",
  distilbert: "DistilBertTokenizer",
  electra: "ElectraTokenizer",
  gpt2: "GPT2Tokenizer",
  gpt_neo: "GPT2Tokenizer",
  gptj: "GPT2Tokenizer",
  opt: "GPT2Tokenizer",
  roberta: "RobertaTokenizer",
  bart: "BartTokenizer",
  qwen2: "Qwen2Tokenizer",
  qwen3: "Qwen2Tokenizer",
};

/**
 * The tokenizer of a directory without tokenizer.json: `vocab.txt` (word pieces) or `vocab.json` with `merges.txt`
 * (byte-level pairs), run by the same library from the tokenizer.json that transformers would make of them.
 *
 * @throws FileError if there is neither, or the files contradict each other, or a class reads them in another way
 */
export async function vocabularyTokenizer(directory: string, config: Config): Promise<Tokenizer> {
  const pieces = join(directory, "vocab.txt");
  const pairs = { vocabulary: join(directory, "vocab.json"), merges: join(directory, "merges.txt") };
  const hasPairs = (await exists(pairs.vocabulary)) && (await exists(pairs.merges));
  if (!hasPairs && !(await exists(pieces))) throw await missing(directory);
  const settings = await readTokenizerSettings(directory);
  const kind = kindOf(settings, config, hasPairs ? pairs.vocabulary : pieces);
  if (kind !== "word pieces" && !hasPairs) throw misfit(settings, config, pieces);
  if (kind === "word pieces" && !(await exists(pieces))) throw misfit(settings, config, pairs.vocabulary);
  const description =
    kind === "word pieces"
      ? await wordPieceDescription(pieces, settings)
      : await bytePairDescription(pairs, kind, settings);
  return describedTokenizer(description);
}

function kindOf(settings: TokenizerSettings, config: Config, path: string): Kind {
  const kind = kindOfClass[classOf(settings, config)];
  if (kind === undefined) throw misfit(settings, config, path);
  return kind;
}

function classOf(settings: TokenizerSettings, config: Config): string {
  const named = settings.config.values.tokenizer_class ?? config.values.tokenizer_class;
  if (typeof named === "string") return named.replace(/Fast$/, "");
  return classOfFamily[config.modelType] ?? `the tokenizer of ${config.modelType}`;
}

function misfit(settings: TokenizerSettings, config: Config, path: string): FileError {
  const problem = `Expected a tokenizer.json beside it, as ${classOf(settings, config)} does not read this file in a way we know`;
  return new FileError(path, `${problem}: ${advice}`);
}

const advice = "save it with transformers' AutoTokenizer, which writes one";

async function missing(directory: string): Promise<FileError> {
  const path = join(directory, "tokenizer.json");
  const names = await readdir(directory);
  const sentencePiece = names.find((name) =>
    /^(spiece|sentencepiece.*|tokenizer|source|target)\.(model|spm)$/.test(name),
  );
  if (sentencePiece !== undefined) {
    const problem = `Expected a tokenizer.json beside it, as SentencePiece models are not read: ${advice}`;
    return new FileError(join(directory, sentencePiece), problem);
  }
  const half = ["vocab.json", "merges.txt"].find((name) => names.includes(name));
  const other = half === "vocab.json" ? "merges.txt" : "vocab.json";
  if (half) return new FileError(join(directory, half), `Expected ${other} beside it, as the two make one tokenizer`);
  return new FileError(
    path,
    `there is no such file, nor vocab.txt, nor vocab.json with merges.txt (${basename(directory)} has no tokenizer)`,
  );
}
