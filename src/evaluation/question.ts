import { ArgumentError } from "../core/errors.js";
import { alignWords } from "../corpus/alignment.js";
import { addBeginning, beginningOf } from "../corpus/beginning.js";
import { type Corpus, type Sentence, targetsOf } from "../corpus/corpus.js";
import { classesOfTokens, classOfSentence } from "../corpus/gold-classes.js";
import { checkMask, type MaskChoice, maskedTogether, maskPositions, maskToken } from "../corpus/masked-tokens.js";
import { cutWindows, type LongSentences } from "../corpus/windows.js";
import { shiftRight } from "../model/encoder-decoder.js";
import { type Model, NO_TARGET } from "../model/model.js";
import type { Encoding } from "../model/tokenizer.js";
import { predictedBytes } from "./predicted-bytes.js";

/** A sequence that a model reads, and what is asked of it. */
export interface Question {
  readonly ids: Uint32Array;
  /** What an encoder-decoder's encoder reads. */
  readonly source?: Uint32Array;
  /** The id or class that each token predicts, or NO_TARGET; of a classifier of sequences a single one. */
  readonly targets: Uint32Array;
  /** UTF-8 bytes of the text that is predicted; 0 for classifiers. */
  readonly bytes: number;
}

/** How a corpus becomes questions. */
export interface QuestionOptions {
  /** Masked models: the share of tokens that is masked, at least one a sentence (default .15), or each in turn. */
  readonly mask?: MaskChoice;
  /** Causal models: put the config's `bos_token_id` before a sentence where the tokenizer adds nothing. */
  readonly beginning?: "add";
  /** A sentence longer than the model's positions: refused (the default), or read in windows, each alone. */
  readonly long?: LongSentences;
  /** Characters outside a character model's alphabet: refused (the default) or skipped. */
  readonly unknown?: "refuse" | "skip";
  /** Classifiers: the label of sentences, or the annotation of words, that is right. */
  readonly label?: string;
  /** Seeds which tokens are masked. Default 0. */
  readonly seed?: number;
}

/** What a corpus asks of a model, and how many sentences ask nothing. */
export interface Questions {
  readonly questions: readonly Question[];
  readonly skipped: number;
}

/** A sentence as it was tokenised. */
interface Tokenised extends Encoding {
  readonly sentence: Sentence;
  readonly number: number;
}

/**
 * Tokenises a corpus into what a model's head can be asked: every token but the first of a causal model, masked tokens
 * of a masked one, the label of a sentence, or the annotation of each word, at its first token. An encoder-decoder is
 * asked for the tokens of each target, its own answers before them replaced by the right ones.
 *
 * @throws ArgumentError for a model without a head, options that its head does not take, a sentence that is too long,
 * or a corpus that asks nothing
 */
export async function readQuestions(model: Model, corpus: Corpus, options: QuestionOptions): Promise<Questions> {
  checkOptions(model, options);
  if (model.encoder && model.head.kind === "causal") return await readTargets(model, corpus, options);
  const ask = questionerOf(model, options);
  const texts = corpus.sentences.map(({ text }) => text);
  const encodings = await model.tokenizer.encode(texts, { unknown: options.unknown ?? "refuse" });
  let skipped = 0;
  const questions = encodings.flatMap((encoding, number) => {
    const sentence = corpus.sentences[number]!;
    const own = windowsOf(model, { ...encoding, sentence, number }, options).flatMap(ask);
    if (own.length === 0) skipped++;
    return own;
  });
  if (questions.length === 0) throw new ArgumentError("corpus", "a sentence with something to predict", corpus.path);
  return { questions, skipped };
}

function checkOptions(model: Model, { mask, beginning, label, long }: QuestionOptions): void {
  const { head, name, encoder } = model;
  const refuse = (option: string, needs: string, value: unknown) => {
    throw new ArgumentError(option, `none for ${name}, which is no ${needs}`, value);
  };
  if (head.kind.endsWith("scores") || head.kind === "none") throw predictsNothing(name);
  if (mask !== undefined) checkMask(model, mask);
  if (beginning !== undefined) beginningOf(model);
  if (encoder && long === "windows") refuse("long", "model of one text, which can be cut", long);
  if (label !== undefined && !head.kind.endsWith("classification")) refuse("label", "classifier", label);
}

/** What an encoder-decoder is to write for each sentence: the target beside it. */
async function readTargets(model: Model, corpus: Corpus, { unknown = "refuse" }: QuestionOptions): Promise<Questions> {
  const targets = targetsOf(corpus).sentences.map(({ text }) => text);
  const sources = await model.tokenizer.encode(
    corpus.sentences.map(({ text }) => text),
    { unknown },
  );
  const written = await model.targetTokenizer.encode(targets, { unknown });
  const questions = written.map((encoding, i): Question => {
    const { ids, targets: predicted } = shiftRight(encoding, model.encoder!.start);
    return { ids, source: sources[i]!.ids, targets: predicted, bytes: Buffer.byteLength(targets[i]!) };
  });
  return { questions, skipped: 0 };
}

function questionerOf(model: Model, options: QuestionOptions): (tokens: Tokenised) => Question[] {
  switch (model.head.kind) {
    case "causal":
      return nextTokens(model, options);
    case "masked":
      return maskedTokens(model, options);
    case "sequence-classification":
      return sentenceLabels(model, options);
    case "token-classification":
      return wordLabels(model, options);
    case "sequence-scores":
    case "token-scores":
    case "none":
      throw predictsNothing(model.name);
    default:
      return model.head.kind satisfies never;
  }
}

function predictsNothing(name: string): ArgumentError {
  return new ArgumentError("model", "one that predicts a token or one of several classes", name);
}

/** A sentence whole, or in parts that fit the model's positions. */
function windowsOf(model: Model, tokens: Tokenised, { long = "refuse", beginning }: QuestionOptions): Tokenised[] {
  const room = model.maximumTokens - Number(beginning === "add" && tokens.special[0] !== 1);
  if (tokens.ids.length <= room) return [tokens];
  const alignment = alignWords(tokens.sentence.words, tokens);
  return cutWindows(`sentence ${tokens.number}`, tokens, alignment, room, long).map((window) => {
    const pick = (values: Uint32Array | Uint8Array) => Uint32Array.from(window.tokens, (token) => values[token] ?? 0);
    const special = Uint8Array.from(window.tokens, (token) => (token < 0 ? 1 : tokens.special[token]!));
    return { ...tokens, ids: window.ids, starts: pick(tokens.starts), ends: pick(tokens.ends), special };
  });
}

function nextTokens(model: Model, { beginning }: QuestionOptions): (tokens: Tokenised) => Question[] {
  const first = beginning === "add" ? beginningOf(model) : null;
  return (tokens) => {
    const encoding = first === null ? tokens : addBeginning(tokens, first);
    const { ids } = encoding;
    if (ids.length < 2) return [];
    const bytes = predictedBytes(model, tokens.sentence.text, encoding, (token) => token > 0);
    const targets = new Uint32Array(ids.length).fill(NO_TARGET, -1);
    targets.set(ids.subarray(1));
    return [{ ids, targets, bytes }];
  };
}

function maskedTokens(model: Model, { mask, seed = 0 }: QuestionOptions): (tokens: Tokenised) => Question[] {
  const token = maskToken(model);
  return ({ ids, sentence, number, ...spans }) =>
    maskedTogether(spans.special, number, seed, mask).map((positions) => {
      const masked = new Set(positions);
      const bytes = predictedBytes(model, sentence.text, spans, (position) => masked.has(position));
      return { ...maskPositions(ids, positions, token), bytes };
    });
}

function sentenceLabels(model: Model, { label }: QuestionOptions): (tokens: Tokenised) => Question[] {
  return ({ ids, sentence, number }) => {
    const right = classOfSentence(model, sentence, number, label);
    return ids.length === 0 ? [] : [{ ids, targets: Uint32Array.of(right), bytes: 0 }];
  };
}

function wordLabels(model: Model, { label }: QuestionOptions): (tokens: Tokenised) => Question[] {
  return (tokens) => {
    const { sentence, ids } = tokens;
    const targets = classesOfTokens(model, sentence, alignWords(sentence.words, tokens), ids.length, label);
    return targets.some((target) => target !== NO_TARGET) ? [{ ids, targets, bytes: 0 }] : [];
  };
}
