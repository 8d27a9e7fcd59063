import type { Site } from "../../core/sites.js";
import type { AnyResult } from "../result-check.js";

/** An n-gram and what it makes of a target. */
export interface ValuedNGram {
  /** The target's value when the model reads the n-gram alone, with the special tokens of a text around it. */
  readonly value: number;
  readonly ids: readonly number[];
  /** As the vocabulary spells them. */
  readonly tokens: readonly string[];
  readonly text: string;
}

/** The n-grams of a corpus, each read alone: the best of them, and the mean and standard deviation of all. */
export interface CorpusNGrams {
  readonly best: ValuedNGram & { readonly sentence: number; readonly position: number };
  readonly count: number;
  readonly mean: number;
  readonly deviation: number;
}

/** One search: where it began, what it found, and the best value so far after so many n-grams, at every improvement. */
export interface SearchRun {
  readonly start: "corpus" | "random";
  readonly best: ValuedNGram;
  readonly trace: readonly (readonly [evaluations: number, value: number])[];
}

/** What was looked for and found: a neuron, or several whose mean is meant. */
export interface MaximizedTarget {
  readonly neurons: readonly string[];
  /** The best n-gram of all searches. `textValue`: of its text, tokenised anew; null where that gives no token. */
  readonly best: ValuedNGram & { readonly textValue: number | null };
  readonly corpus: CorpusNGrams | null;
  readonly searches: readonly SearchRun[];
}

/** N-grams that make neurons as large, or as small, as possible. */
export interface Maximization extends AnyResult {
  readonly kind: "maximization";
  readonly method: SearchName;
  readonly sites: readonly Site[];
  readonly targets: readonly MaximizedTarget[];
  /** N-grams that were read, for all targets together. */
  readonly evaluations: number;
}

export const searchNames = ["evolution", "beam"] as const;
export type SearchName = (typeof searchNames)[number];
