import { ArgumentError } from "../core/errors.js";
import { type Alignment, alignWords, checkAlignment } from "../corpus/alignment.js";
import type { Corpus, Sentence } from "../corpus/corpus.js";
import { corpusRows, rowTable } from "../corpus/row-table.js";
import type { RowKind, RowTable } from "../corpus/rows.js";
import { tokenTexts } from "../corpus/token-texts.js";
import { cutWindows, type LongSentences } from "../corpus/windows.js";
import type { Model, Pooling } from "../model/model.js";
import type { Encoding } from "../model/tokenizer.js";
import { type RowStack, readStack, type StackReading } from "./live-stack.js";
import { divideSentence, type Unit } from "./live-units.js";

/** How the tokens of a corpus become rows. */
export interface RowOptions {
  readonly rows: RowKind;
  /** How tokens become a word or a sentence; `cls` takes a sentence's first special token. */
  readonly pool: Pooling | "cls";
  /** Whether the special tokens that the tokenizer's template adds have token rows. */
  readonly specialTokens: "leave" | "keep";
  readonly long: LongSentences;
  /** A word or a sentence without any token: refused, or a row of zeros. */
  readonly missing: "refuse" | "zero";
  readonly unknown: "refuse" | "skip" | "zero";
}

/** What a model is to read, in the corpus' order, and the table of the rows that come of it. */
export interface LiveRows {
  readonly units: readonly Unit[];
  readonly table: RowTable;
}

/** A sentence with its tokens, and the tokens of each of its rows. */
interface SentenceRows {
  readonly sentence: Sentence;
  readonly encoding: Encoding;
  readonly alignment: Alignment;
  readonly rows: readonly (readonly number[])[];
}

/**
 * Tokenises a corpus and lays out its rows.
 *
 * @throws ArgumentError for a sentence that is too long, a word or a sentence without a token, and characters that the
 * model does not know, unless the options say otherwise
 */
export async function planRows(model: Model, read: Corpus, stack: RowStack, options: RowOptions): Promise<LiveRows> {
  const reading = await readStack(model, read, stack, { unknown: options.unknown });
  const { corpus, sources } = reading;
  const sentences = corpus.sentences.map((sentence, number): SentenceRows => {
    const encoding = reading.encodings[number]!;
    const alignment = alignWords(sentence.words, encoding);
    if (options.rows === "word" && options.missing === "refuse") checkAlignment(sentence, number, alignment);
    return { sentence, encoding, alignment, rows: rowsOf(encoding, alignment, number, options) };
  });
  const units = sentences.flatMap(({ encoding, alignment, rows }, number) => {
    const long = sources ? "refuse" : options.long; // a part of a target has no source of its own
    const windows = cutWindows(`sentence ${number}`, encoding, alignment, reading.maximumTokens, long);
    const divided = divideSentence(windows, rows, encoding.ids.length, options.rows);
    return sources
      ? divided.map((unit) => ({ ...unit, sources: unit.sequences.map(() => sources[number]!.ids) }))
      : divided;
  });
  const table = options.rows === "token" ? tokenTable(reading, sentences) : corpusRows(corpus, options.rows);
  return { units, table };
}

/** The tokens of each row of a sentence, reduced to the one that counts where only one does. */
function rowsOf(encoding: Encoding, alignment: Alignment, number: number, options: RowOptions): number[][] {
  const all = Array.from(encoding.ids.keys());
  const content = all.filter((token) => !encoding.special[token]);
  switch (options.rows) {
    case "token":
      return (options.specialTokens === "keep" ? all : content).map((token) => [token]);
    case "word":
      return alignment.tokens.map((tokens) => reduce(tokens, options.pool));
    case "sentence":
      return [
        reduce(options.pool === "cls" ? all.filter((token) => encoding.special[token]) : content, options.pool),
      ].map((tokens) => checkSentence(tokens, number, options));
    default:
      return options.rows satisfies never;
  }
}

function reduce(tokens: readonly number[], pool: RowOptions["pool"]): number[] {
  if (pool === "first" || pool === "cls") return tokens.slice(0, 1);
  return pool === "last" ? tokens.slice(-1) : [...tokens];
}

function checkSentence(tokens: number[], number: number, options: RowOptions): number[] {
  if (tokens.length > 0 || options.missing === "zero") return tokens;
  const expected = options.pool === "cls" ? "a special token" : "at least one token (or missing sentences as zeros)";
  throw new ArgumentError(`sentence ${number}`, expected, "none");
}

function tokenTable({ corpus, tokenizer }: StackReading, sentences: readonly SentenceRows[]): RowTable {
  const rows = sentences.flatMap(({ sentence, encoding, alignment, rows }, number) => {
    const texts = tokenTexts(sentence.text, encoding, tokenizer);
    return rows.map(([token], position) => {
      return { sentence: number, position, word: alignment.words[token!]!, text: texts[token!]! };
    });
  });
  return rowTable(corpus, {
    kind: "token",
    sentence: Uint32Array.from(rows, (row) => row.sentence),
    position: Uint32Array.from(rows, (row) => row.position),
    word: Int32Array.from(rows, (row) => row.word),
    text: rows.map((row) => row.text),
  });
}
