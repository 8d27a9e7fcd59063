import { ArgumentError } from "../../core/errors.js";
import type { Corpus } from "../../corpus/corpus.js";
import { classesOfTokens, classOfSentence } from "../../corpus/gold-classes.js";
import { checkMask, type MaskChoice, maskedTogether, maskPositions, maskToken } from "../../corpus/masked-tokens.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import { isOfPairs, isWritten, type MetricName } from "./metric.js";
import { type PairOptions, readPairs } from "./pair-passages.js";
import { nextIds, type Passage, type Passages, tokensOf } from "./passage.js";
import { type BeginningOption, type ReadSentence, readSentences } from "./read-sentences.js";
import { toBeWritten } from "./written-passages.js";

export { type Passage, type Passages, readRows } from "./passage.js";

/** What is asked of the passages. */
export interface PassageOptions extends BeginningOption, PairOptions {
  readonly seed: number;
  readonly metric: MetricName;
  /** Classifiers: the label of sentences (default `label`) or the annotation of words that is right. */
  readonly label?: string | undefined;
  /** Masked models: the share of tokens that is masked (default .15), or each in turn. */
  readonly mask?: MaskChoice | undefined;
}

/**
 * Tokenises a corpus for a model's metrics. Causal and recurrent models predict every token of a
 * sentence but the first; masked models a fixed, seeded 15 % of the tokens, at least one, replaced by
 * the mask token, or every token in turn; classifiers what the corpus' `label` says; models without a head predict nothing
 * and keep every sentence, and so does `representation`, which reads what masked models are asked for. An encoder-decoder
 * predicts the target that stands beside each sentence, and passages are its decoder's. Metrics of pairs: see
 * `readPairs`; of what is written: see `toBeWritten`.
 *
 * @throws FileError for a sentence without a target, ArgumentError for a sentence longer than the model's positions,
 * options that the model's head does not take, or a corpus that predicts nothing
 */
export async function readPassages(model: Model, corpus: Corpus, options: PassageOptions): Promise<Passages> {
  if (options.mask !== undefined) checkMask(model, options.mask);
  const sentences = await readSentences(model, corpus, options);
  if (isWritten(options.metric))
    return { passages: toBeWritten(model, sentences, options.metric, corpus.path), skipped: 0 };
  if (isOfPairs(options.metric)) return await readPairs(model, corpus, sentences, options);
  let skipped = 0;
  const passages = sentences.flatMap((sentence) => {
    const own = passagesOf(model, sentence, options);
    if (own.length === 0) skipped++;
    return own;
  });
  if (passages.length === 0) throw new ArgumentError("corpus", "a sentence with a token to predict", corpus.path);
  return { passages, skipped };
}

function passagesOf(model: Model, read: ReadSentence, options: PassageOptions): Passage[] {
  const tokens = tokensOf(read);
  const { length } = read.ids;
  const keep = (targets: Uint32Array) =>
    targets.some((target) => target !== NO_TARGET) ? [{ ...tokens, targets }] : [];
  const unasked = () => (length === 0 ? [] : [{ ...tokens, targets: new Uint32Array(length).fill(NO_TARGET) }]);
  const { metric, label, seed, mask } = options;
  switch (model.head.kind) {
    case "causal":
      return metric === "representation" ? unasked() : keep(nextIds(read));
    case "masked":
      return maskedTogether(read.special, read.number, seed, mask).map((positions) => {
        return { ...tokens, ...maskPositions(read.ids, positions, maskToken(model)) };
      });
    case "sequence-classification":
      if (metric === "representation" || length === 0) return unasked();
      return keep(Uint32Array.of(classOfSentence(model, read.sentence, read.number, label)));
    case "token-classification":
      if (metric === "representation" || length === 0) return unasked();
      return keep(classesOfTokens(model, read.sentence, read.alignment, length, label));
    case "sequence-scores":
    case "token-scores":
    case "none":
      return unasked();
    default:
      return model.head.kind satisfies never;
  }
}
