import { ArgumentError } from "../core/errors.js";
import { checkKnown } from "../core/suggest.js";
import type { Corpus } from "../corpus/corpus.js";
import { measureAblations } from "../methods/causal/measure.js";
import { checkMetric, metricOfPair } from "../methods/causal/metric.js";
import { readPassages } from "../methods/causal/passages.js";
import type { Evaluation, MethodContext } from "../methods/result.js";
import type { Model } from "../model/model.js";
import { evaluationOf } from "./evaluate.js";

export interface PairsOptions {
  /** Causal models: put the config's `bos_token_id` before a sentence where the tokenizer adds nothing. */
  readonly beginning?: "add";
  /** The label by whose values the pairs are also counted apart. Default `UID`, BLiMP's phenomena, where pairs have it. */
  readonly by?: string;
  /** Tokens of a batch at most. Default 2,048. */
  readonly batchTokens?: number;
}

/** How often a model prefers the right one of two. */
export interface PairValues {
  /** The share of pairs whose right one has the larger ln p; equal ones count as wrong. */
  readonly accuracy: number;
  readonly right: number;
  readonly pairs: number;
  /** The mean of ln p of the right one minus ln p of the other, in nats. */
  readonly margin: number;
  /** Pairs in which one predicts nothing: they are left out. */
  readonly skipped: number;
  /** The same by the values of the label `by`, in the order in which they come; left out where pairs lack it. */
  readonly groups?: readonly PairGroup[];
}

/** The pairs with one value of a label. */
export interface PairGroup extends Pick<PairValues, "accuracy" | "right" | "pairs" | "margin"> {
  readonly name: string;
}

/**
 * The share of minimal pairs whose good sentence has the larger summed ln p (BLiMP, Warstadt et al. 2020). Sentences are
 * scored whole, whatever their numbers of tokens; by a masked model with each token masked in turn.
 *
 * @throws ArgumentError for a model without a language model's head, or a corpus that is not of pairs
 */
export async function minimalPairs(
  model: Model,
  corpus: Corpus,
  options: PairsOptions = {},
  context: MethodContext = {},
): Promise<Evaluation<PairValues>> {
  return await evaluatePairs("minimal-pairs", model, corpus, options, context);
}

/**
 * The share of agreement items whose correct form has the larger ln p at its place (Linzen et al. 2016); the tokens of a
 * form are summed.
 *
 * @throws ArgumentError for a model without a language model's head, or a corpus that is not of agreement items
 */
export async function agreement(
  model: Model,
  corpus: Corpus,
  options: PairsOptions = {},
  context: MethodContext = {},
): Promise<Evaluation<PairValues>> {
  return await evaluatePairs("agreement", model, corpus, options, context);
}

async function evaluatePairs(
  metric: "minimal-pairs" | "agreement",
  model: Model,
  corpus: Corpus,
  options: PairsOptions,
  context: MethodContext,
): Promise<Evaluation<PairValues>> {
  for (const name of Object.keys(options)) checkKnown("options", name, ["beginning", "by", "batchTokens"]);
  const { beginning, by, batchTokens = 2048 } = options;
  checkMetric(metric, model);
  const { passages, skipped } = await readPassages(model, corpus, { metric, beginning, seed: 0 });
  const margins = new Map<number, number>();
  await measureAblations(model, passages, [], {
    ...context,
    metric: "logit-diff",
    positions: "all",
    batchTokens,
    take: ({ own }) => {
      for (const [i, good] of own.sentences.ids.entries()) margins.set(good, own.sums[i]!);
    },
  });
  const found = [...margins].map(([good, margin]) => ({ name: groupOf(corpus, good, by), margin, right: metricOfPair(metric, margin) })); // biome-ignore format: one line
  const names = [...new Set(found.map(({ name }) => name))];
  const groups = names.map((name) => ({ name: name!, ...summarise(found.filter((pair) => pair.name === name)) }));
  const values = { ...summarise(found), skipped, ...(names[0] !== null && { groups }) };
  return await evaluationOf(metric, values, model, corpus, options);
}

interface ScoredPair {
  readonly margin: number;
  readonly right: number;
}

function summarise(pairs: readonly ScoredPair[]) {
  const sum = (value: (pair: ScoredPair) => number) => pairs.reduce((total, pair) => total + value(pair), 0);
  const right = sum((pair) => pair.right);
  return { accuracy: right / pairs.length, right, pairs: pairs.length, margin: sum(({ margin }) => margin) / pairs.length }; // biome-ignore format: one line
}

/** The value of the label that a pair is counted under; null where pairs are not told apart. */
function groupOf({ sentences, path }: Corpus, good: number, by: string | undefined): string | null {
  const { labels } = sentences[good]!;
  const value = labels[by ?? "UID"];
  if (value !== undefined) return value;
  if (by === undefined && sentences[0]!.labels.UID === undefined) return null;
  throw new ArgumentError("by", `a label of every pair of ${path} (one has ${Object.keys(labels).join(", ")})`, by ?? "UID"); // biome-ignore format: one line
}
