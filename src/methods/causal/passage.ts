import { NO_TARGET } from "../../model/model.js";
import type { Encoding } from "../../model/tokenizer.js";
import { isWritten, type MetricName } from "./metric.js";
import type { ReadSentence } from "./read-sentences.js";

/** A sentence as a model reads it, and what it is asked to predict. */
export interface Passage {
  /** Its number in the corpus; for both sentences of a pair that of the good one. */
  readonly sentence: number;
  readonly ids: Uint32Array;
  /** The id or class that each token predicts, or NO_TARGET; of a classifier of sequences a single class. */
  readonly targets: Uint32Array;
  /** 1 for the special tokens that the tokenizer added. */
  readonly special: Uint8Array;
  /** The first word of the sentence that owns each token; −1 where none does. */
  readonly words: Int32Array;
  /** 1 where a target is of the metric's concept; left out where the metric is over all. */
  readonly focus?: Uint8Array;
  /** What an encoder-decoder's encoder reads; left out for every other model. */
  readonly source?: Pick<Encoding, "ids" | "special">;
  /** Tokens in front that only warm a recurrent model up: no metric is of them. */
  readonly warmUp?: number;
  /**
   * Of metrics of what is written: the right text, how many tokens are written at most, and what the untouched model
   * writes, once that is known.
   */
  readonly written?: { readonly right: string; readonly most: number; readonly untouched?: string };
  /** Of metrics of pairs: 1 for what should be likelier, −1 for what it is compared with. */
  readonly side?: 1 | -1;
}

/**
 * The rows of a passage that a metric reads: those with a target, or all tokens where it is of their representation. What
 * is written counts once.
 */
export function readRows({ ids, targets, warmUp = 0 }: Passage, metric: MetricName): number[] {
  if (isWritten(metric)) return [0];
  if (metric === "representation") return [...ids.keys()].slice(warmUp);
  return [...targets.keys()].filter((row) => targets[row] !== NO_TARGET);
}

/** The passages of a corpus, and the sentences that predict nothing. */
export interface Passages {
  readonly passages: readonly Passage[];
  /** Sentences of a single token, or pairs in which one predicts nothing: they are left out of means. */
  readonly skipped: number;
}

/** What a passage has of its sentence, whatever is predicted. */
export function tokensOf({ number, ids, special, alignment, source }: ReadSentence) {
  return { sentence: number, ids, special, words: alignment.words, ...(source && { source }) };
}

/** The ids that the tokens of a text predict: of a decoder those that it is to write, else the next ones. */
export function nextIds({ ids, targets }: ReadSentence): Uint32Array {
  return targets ?? Uint32Array.from(ids, (_, t) => ids[t + 1] ?? NO_TARGET);
}
