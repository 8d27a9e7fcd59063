import { readStack } from "../../activations/live-stack.js";
import { ArgumentError } from "../../core/errors.js";
import { type Alignment, alignWords } from "../../corpus/alignment.js";
import type { Corpus, Sentence } from "../../corpus/corpus.js";
import { classesOfTokens, classOfSentence } from "../../corpus/gold-classes.js";
import { chooseMasked, maskToken } from "../../corpus/masked-tokens.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import type { MetricName } from "./metric.js";

/** A sentence as a model reads it, and what it is asked to predict. */
export interface Passage {
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
  readonly source?: Uint32Array;
}

/** The rows of a passage that a metric reads: those with a target, or all tokens where it is of their representation. */
export function readRows({ ids, targets }: Passage, metric: MetricName): number[] {
  if (metric === "representation") return [...ids.keys()];
  return [...targets.keys()].filter((row) => targets[row] !== NO_TARGET);
}

/** The passages of a corpus, and the sentences that predict nothing. */
export interface Passages {
  readonly passages: readonly Passage[];
  /** Sentences of a single token: they are left out of means. */
  readonly skipped: number;
}

/** What is asked of the passages. */
export interface PassageOptions {
  readonly seed: number;
  readonly metric: MetricName;
  /** Classifiers: the label of sentences (default `label`) or the annotation of words that is right. */
  readonly label?: string | undefined;
}

/**
 * Tokenises a corpus for a model's metrics. Causal and recurrent models predict every token of a
 * sentence but the first; masked models a fixed, seeded 15 % of the tokens, at least one, replaced by
 * the mask token; classifiers what the corpus' `label` says; models without a head predict nothing and keep every
 * sentence. An encoder-decoder predicts the target that stands beside each sentence, and passages are its decoder's.
 *
 * @throws FileError for a sentence without a target, ArgumentError for a sentence longer than the model's positions, or a corpus that predicts nothing
 */
export async function readPassages(
  model: Model,
  read: Corpus,
  { seed, label, metric }: PassageOptions,
): Promise<Passages> {
  const { corpus, encodings, sources, targets } = await readStack(model, read, model.encoder ? "decoder" : "only", {});
  const passages: Passage[] = [];
  encodings.forEach((encoding, sentence) => {
    const { ids, special } = encoding;
    if (ids.length > model.maximumTokens) {
      throw new ArgumentError(
        "corpus",
        `sentences of at most ${model.maximumTokens} tokens`,
        `${ids.length} in sentence ${sentence}`,
      );
    }
    const own = corpus.sentences[sentence]!;
    const alignment = alignWords(own.words, encoding);
    const tokens = { sentence, ids, special, words: alignment.words };
    const gold = metric === "representation" ? null : () => goldOf(model, own, sentence, alignment, ids.length, label);
    const passage = targets
      ? { ...tokens, targets: targets[sentence]!, source: sources![sentence]! }
      : toPassage(model, tokens, seed, gold);
    if (passage) passages.push(passage);
  });
  if (passages.length === 0) throw new ArgumentError("corpus", "a sentence with a token to predict", corpus.path);
  return { passages, skipped: encodings.length - passages.length };
}

type Tokens = Omit<Passage, "targets" | "focus">;

function toPassage(model: Model, tokens: Tokens, seed: number, gold: (() => Uint32Array) | null): Passage | null {
  const { ids } = tokens;
  switch (model.head.kind) {
    case "causal":
      return ids.length < 2 ? null : { ...tokens, targets: Uint32Array.of(...ids.subarray(1), NO_TARGET) };
    case "masked":
      return maskTokens(model, tokens, seed);
    case "sequence-classification":
    case "token-classification": {
      if (!gold) return withoutTargets(tokens);
      const targets = ids.length === 0 ? ids : gold();
      return targets.some((target) => target !== NO_TARGET) ? { ...tokens, targets } : null;
    }
    case "sequence-scores":
    case "token-scores":
    case "none":
      return withoutTargets(tokens);
    default:
      return model.head.kind satisfies never;
  }
}

function withoutTargets(tokens: Tokens): Passage | null {
  const { length } = tokens.ids;
  return length === 0 ? null : { ...tokens, targets: new Uint32Array(length).fill(NO_TARGET) };
}

function goldOf(
  model: Model,
  sentence: Sentence,
  number: number,
  alignment: Alignment,
  tokens: number,
  label: string | undefined,
): Uint32Array {
  if (model.head.kind === "token-classification") return classesOfTokens(model, sentence, alignment, tokens, label);
  return Uint32Array.of(classOfSentence(model, sentence, number, label));
}

function maskTokens(model: Model, { sentence, ids, special, words }: Tokens, seed: number): Passage | null {
  const positions = chooseMasked(special, sentence, seed);
  if (positions.length === 0) return null;
  const mask = maskToken(model);
  const masked = Uint32Array.from(ids);
  const targets = new Uint32Array(ids.length).fill(NO_TARGET);
  for (const position of positions) {
    targets[position] = ids[position]!;
    masked[position] = mask;
  }
  return { sentence, ids: masked, targets, special, words };
}
