import { FileError } from "../core/errors.js";
import { readText } from "../core/reading.js";
import type { TokenizerSettings } from "./special-tokens.js";
import { templateOf } from "./token-template.js";
import type { Description } from "./vocabulary-tokenizer.js";

/** Special tokens of BERT and its kin. */
const specialTokens = {
  unk_token: "[UNK]",
  sep_token: "[SEP]",
  pad_token: "[PAD]",
  cls_token: "[CLS]",
  mask_token: "[MASK]",
};

/** Longer words become the unknown token. */
const longestWord = 100;

/**
 * Word pieces (Wu et al. 2016) as BERT reads them: `vocab.txt` has a token a line, and its line number is its id.
 * `do_lower_case`, `strip_accents` and `tokenize_chinese_chars` are the settings'.
 *
 * @throws FileError if the unknown token or a token of the template is missing
 */
export async function wordPieceDescription(path: string, settings: TokenizerSettings): Promise<Description> {
  const vocabulary = new Map((await readLines(path)).map((token, id) => [token, id]));
  const unknown = settings.spelling("unk_token", specialTokens.unk_token);
  if (unknown === null || !vocabulary.has(unknown)) {
    throw new FileError(path, `Expected the unknown token ${JSON.stringify(unknown)} but the vocabulary has none`);
  }
  const { config } = settings;
  const strips = config.values.strip_accents ?? null;
  if (strips !== null && typeof strips !== "boolean") throw config.refuse("strip_accents", "true, false or null");
  const added = settings.describe(vocabulary, specialTokens);
  const first = settings.spelling("cls_token", specialTokens.cls_token);
  const last = settings.spelling("sep_token", specialTokens.sep_token);
  return {
    files: [path, ...settings.files],
    content: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: {
        type: "BertNormalizer",
        clean_text: true,
        handle_chinese_chars: config.flag("tokenize_chinese_chars", true),
        strip_accents: strips,
        lowercase: config.flag("do_lower_case", true),
      },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: templateOf(path, vocabulary, added, { first, last }),
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        unk_token: unknown,
        continuing_subword_prefix: "##",
        max_input_chars_per_word: longestWord,
        vocab: Object.fromEntries(vocabulary),
      },
    },
  };
}

async function readLines(path: string): Promise<string[]> {
  const lines = (await readText(path)).split(/\r?\n/);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
