import { ArgumentError } from "../core/errors.js";
import type { Corpus, Sentence } from "./corpus.js";

/** A minimal pair: the numbers of its sentences in the corpus. */
export interface SentencePair {
  readonly good: number;
  readonly bad: number;
}

/** The two sentences of pair `number`, with the labels `pair` (its number) and `grammatical` (yes or no). */
export function labelPair(number: number, good: Sentence, bad: Sentence): [Sentence, Sentence] {
  const label = (sentence: Sentence, grammatical: string): Sentence => {
    const labels = { ...sentence.labels, pair: String(number), grammatical };
    return { ...sentence, labels, ...(sentence.target && { target: { ...sentence.target, labels } }) };
  };
  return [label(good, "yes"), label(bad, "no")];
}

/** The pairs of a corpus, every good sentence with the bad one behind it; null for a corpus of other sentences. */
export function findPairs({ sentences }: Corpus): SentencePair[] | null {
  const isPair = (good: number) => {
    const [first, second] = [sentences[good]!.labels, sentences[good + 1]?.labels];
    return first.pair !== undefined && first.pair === second?.pair && first.grammatical === "yes";
  };
  const goods = sentences.flatMap((_, number) => (number % 2 === 0 ? [number] : []));
  return goods.every(isPair) ? goods.map((good) => ({ good, bad: good + 1 })) : null;
}

/** The pairs of a corpus, as `findPairs`. @throws ArgumentError for a corpus of other sentences */
export function pairsOf(corpus: Corpus): SentencePair[] {
  const pairs = findPairs(corpus);
  if (pairs) return pairs;
  const expected =
    "minimal pairs (sentence_good and sentence_bad) or agreement items (prefix or sentence, correct and wrong)";
  throw new ArgumentError("corpus", expected, corpus.path);
}
