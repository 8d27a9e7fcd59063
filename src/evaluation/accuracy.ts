import type { Corpus } from "../corpus/corpus.js";
import type { Evaluation, MethodContext } from "../methods/result.js";
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
  /** Sentences that predict nothing: they are left out. */
  readonly skipped: number;
}

/**
 * The accuracy of a model on a corpus, each sentence alone: of next tokens, of masked tokens, of the label `label` of
 * sentences, or of an annotation of words, at their first tokens.
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
  const values = { accuracy: right / count, right, predictions: count, majority, skipped };
  return await evaluationOf("accuracy", values, model, corpus, options);
}
