import type { Corpus } from "../corpus/corpus.js";
import type { Evaluation, MethodContext } from "../methods/result.js";
import type { Model } from "../model/model.js";
import { ask, type EvaluateOptions, evaluationOf } from "./evaluate.js";

/** How surprised a model is by a corpus. */
export interface LossValues {
  /** Mean −ln p of what is predicted, in nats. */
  readonly loss: number;
  /** e to the loss. */
  readonly perplexity: number;
  /** Σ −log2 p divided by the UTF-8 bytes of the predicted text; null for classifiers. */
  readonly bitsPerByte: number | null;
  /** Predicted tokens, or sentences for a classifier of them. */
  readonly predictions: number;
  readonly bytes: number;
  /** Sentences that predict nothing: they are left out. */
  readonly skipped: number;
}

/**
 * The loss of a model on a corpus, each sentence alone. A causal model predicts every token but the first, with those
 * that its tokenizer adds; a masked one a seeded 15 % of the tokens; a classifier the label.
 *
 *     const { values } = await evaluate.loss(model, corpus);  // { loss: 4.871, perplexity: 130.4, … }
 *
 * @throws ArgumentError for a model without a head, a sentence longer than its positions, a corpus that predicts nothing
 */
export async function loss(
  model: Model,
  corpus: Corpus,
  options: EvaluateOptions = {},
  context: MethodContext = {},
): Promise<Evaluation<LossValues>> {
  const { nats, count, bytes, skipped } = await ask(model, corpus, options, context);
  const values = {
    loss: nats / count,
    perplexity: Math.exp(nats / count),
    bitsPerByte: bytes > 0 ? nats / Math.LN2 / bytes : null,
    predictions: count,
    bytes,
    skipped,
  };
  return await evaluationOf("loss", values, model, corpus, options);
}
