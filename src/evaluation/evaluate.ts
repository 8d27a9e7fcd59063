import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import { version } from "../core/version.js";
import type { Corpus } from "../corpus/corpus.js";
import type { Evaluation, MethodContext } from "../methods/result.js";
import type { Model } from "../model/model.js";
import { type QuestionOptions, readQuestions } from "./question.js";
import { type Score, type ScoreOptions, score, scoreStream } from "./score.js";

/** How a model is evaluated on a corpus. */
export interface EvaluateOptions extends QuestionOptions, Pick<ScoreOptions, "batchTokens"> {
  /** Recurrent models: each sentence is one text whose state is carried on; `readWholeText` reads a file as one. */
  readonly stream?: boolean;
}

const optionNames = ["mask", "beginning", "long", "unknown", "label", "seed", "stream", "batchTokens"];

/** What a model's answers add up to, and the sentences that asked nothing. */
export interface Evaluated extends Score {
  readonly skipped: number;
}

/** Asks a model all that a corpus has to ask. @throws ArgumentError, see `readQuestions` and `scoreStream` */
export async function ask(
  model: Model,
  corpus: Corpus,
  { stream = false, ...options }: EvaluateOptions,
  context: MethodContext,
): Promise<Evaluated> {
  for (const name of Object.keys(options)) checkKnown("options", name, optionNames);
  if (stream && model.maximumTokens !== Number.POSITIVE_INFINITY) {
    throw new ArgumentError("stream", `false for ${model.name}, which is not recurrent`, stream);
  }
  const { questions, skipped } = await readQuestions(model, corpus, options);
  const { batchTokens = 2048 } = options;
  const sums = await (stream ? scoreStream : score)(model, questions, { ...context, batchTokens });
  const { nats, right, count, bytes, answers } = sums;
  return { nats, right, count, bytes, answers, skipped };
}

/** The result of an evaluation of a model alone. */
export async function evaluationOf<Values>(
  method: string,
  values: Values,
  model: Model,
  corpus: Corpus,
  { seed = 0, batchTokens: _, ...options }: EvaluateOptions,
): Promise<Evaluation<Values>> {
  const [ofModel, device] = [await model.fingerprint(), model.device.description.name];
  const provenance = { version, device, seed, model: ofModel, corpus: corpus.fingerprint, activations: null };
  return { kind: "evaluation", method, of: null, values, options: { ...corpus.options, ...options }, provenance };
}
