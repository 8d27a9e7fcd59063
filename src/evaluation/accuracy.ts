import { type Corpus, targetsOf } from "../corpus/corpus.js";
import { bleu } from "../methods/causal/bleu.js";
import { isExact } from "../methods/causal/measure-written.js";
import type { Evaluation, MethodContext } from "../methods/result.js";
import { mostWritten } from "../model/encoder-decoder.js";
import { generate } from "../model/generate.js";
import type { Model } from "../model/model.js";
import { ask, type EvaluateOptions, evaluationOf } from "./evaluate.js";

/** How often a model's likeliest answer is right. */
export interface AccuracyValues {
  /** The share of right answers. */
  readonly accuracy: number;
  readonly right: number;
  /** Predicted tokens, or sentences for a classifier of them. */
  readonly predictions: number;
  /** The share of the most frequent answer: what a model without any knowledge of the text could reach. */
  readonly majority: number;
  /** Encoder-decoders: the share of targets that the model writes exactly, with the likeliest token at every step. */
  readonly exact?: number;
  /** Encoder-decoders: BLEU of what the model writes, as sacreBLEU defines it, a share; null where no target has four words. */
  readonly bleu?: number | null;
  /** Sentences that predict nothing: they are left out. */
  readonly skipped: number;
}

/**
 * The accuracy of a model on a corpus, each sentence alone: of next tokens, of masked tokens, of the label `label` of
 * sentences, or of an annotation of words, at their first tokens. Of an encoder-decoder: of the target's tokens behind the
 * right ones, with the share of whole targets beside it.
 *
 * @throws ArgumentError for a model without a head, a label that is no class of it, a corpus that predicts nothing
 */
export async function accuracy(
  model: Model,
  corpus: Corpus,
  options: EvaluateOptions = {},
  context: MethodContext = {},
): Promise<Evaluation<AccuracyValues>> {
  const { right, count, answers, skipped } = await ask(model, corpus, options, context);
  const majority = Math.max(...answers.values()) / count;
  const whole = model.encoder ? await judgeWritten(model, corpus, context) : {};
  const values = { accuracy: right / count, right, predictions: count, majority, ...whole, skipped };
  return await evaluationOf("accuracy", values, model, corpus, options);
}

/** Texts that are written at once. */
const writtenAtOnce = 250;

/** Writes every target with the likeliest tokens, and compares it with the right one. */
async function judgeWritten(model: Model, corpus: Corpus, { signal, onProgress }: MethodContext) {
  const targets = targetsOf(corpus).sentences.map(({ text }) => text);
  const lengths = (await model.targetTokenizer.encode(targets)).map(({ ids }) => ids.length);
  const tokens = mostWritten(model, lengths);
  const texts: string[] = [];
  for (let first = 0; first < targets.length; first += writtenAtOnce) {
    const end = Math.min(first + writtenAtOnce, targets.length);
    const sources = corpus.sentences.slice(first, end).map(({ text }) => text);
    const written = await generate(model, sources, { tokens }, signal ? { signal } : {});
    texts.push(...written.map(({ text }) => text));
    onProgress?.(end, targets.length, "targets written");
  }
  const right = texts.filter((text, i) => isExact(text, targets[i]!)).length;
  return { exact: right / targets.length, bleu: bleu(texts, targets) };
}
