import { ArgumentError } from "../../core/errors.js";
import type { Corpus } from "../../corpus/corpus.js";
import { maskPositions, maskToken } from "../../corpus/masked-tokens.js";
import { findPairs, pairsOf } from "../../corpus/pairs.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import type { MetricName } from "./metric.js";
import { nextIds, type Passage, type Passages, tokensOf } from "./passage.js";
import type { ReadSentence } from "./read-sentences.js";
import { compareTokens, type TokenOptions } from "./token-passages.js";

export interface PairOptions extends TokenOptions {
  readonly metric: MetricName;
}

/**
 * What is read to compare the sentences of pairs: of `minimal-pairs` the whole sentences, of `agreement` and `logit-diff`
 * the forms that differ, or, for `logit-diff` with `tokens`, these two behind the same text. A causal or recurrent model,
 * or a decoder, predicts each token behind the ones before it, and of forms reads nothing behind them; a masked model each
 * token with only that token masked (pseudo-log-likelihood, Salazar et al. 2020). A pair is left out where one of the two
 * predicts nothing: a sentence of one token, a form that begins the text, a form without a token.
 *
 * @throws ArgumentError for a corpus that is not of pairs, has no forms, or predicts nothing
 */
export async function readPairs(
  model: Model,
  corpus: Corpus,
  sentences: readonly ReadSentence[],
  options: PairOptions,
): Promise<Passages> {
  if (options.metric === "logit-diff" && options.tokens) return await compareTokens(model, corpus, sentences, options);
  if (options.metric === "logit-diff" && !findPairs(corpus))
    throw new ArgumentError("tokens", `two to compare, as ${corpus.path} has no agreement items,`, "nothing");
  const pairs = pairsOf(corpus);
  const part = options.metric === "minimal-pairs" ? "sentence" : "form";
  if (part === "form" && sentences.some(({ sentence }) => !sentence.critical))
    throw new ArgumentError("corpus", "agreement items (prefix or sentence, correct and wrong)", corpus.path);
  let skipped = 0;
  const passages = pairs.flatMap(({ good, bad }) => {
    const [better, worse] = [good, bad].map((number) => passagesOf(model, sentences[number]!, part));
    if (better!.length > 0 && worse!.length > 0) {
      return [
        ...better!.map((passage): Passage => ({ ...passage, sentence: good, side: 1 })),
        ...worse!.map((passage): Passage => ({ ...passage, sentence: good, side: -1 })),
      ];
    }
    skipped++;
    return [];
  });
  if (passages.length === 0) throw new ArgumentError("corpus", "a pair that predicts something", corpus.path);
  return { passages, skipped };
}

type Part = "sentence" | "form";

function passagesOf(model: Model, read: ReadSentence, part: Part): Passage[] {
  return model.head.kind === "masked" ? maskedInTurn(model, read, part) : nextTokens(read, part);
}

function maskedInTurn(model: Model, read: ReadSentence, part: Part): Passage[] {
  const tokens = tokensOf(read);
  const asked = part === "form" ? tokensOfForm(read) : contentOf(read);
  return asked.map((position) => ({ ...tokens, ...maskPositions(read.ids, [position], maskToken(model)) }));
}

function contentOf({ special }: ReadSentence): number[] {
  return [...special.keys()].filter((position) => special[position] === 0);
}

function nextTokens(read: ReadSentence, part: Part): Passage[] {
  const tokens = tokensOf(read);
  const targets = nextIds(read);
  if (part === "sentence") return targets.some((target) => target !== NO_TARGET) ? [{ ...tokens, targets }] : [];
  const rows = tokensOfForm(read).map((token) => token - 1); // in a decoder's reading too: it begins with a token of its own
  if (rows.length === 0 || rows[0]! < 0) return [];
  const asked = new Set(rows);
  const length = 1 + rows.at(-1)!;
  return [
    {
      ...tokens,
      ids: tokens.ids.subarray(0, length),
      targets: targets.subarray(0, length).map((target, row) => (asked.has(row) ? target : NO_TARGET)),
      special: tokens.special.subarray(0, length),
      words: tokens.words.subarray(0, length),
    },
  ];
}

/** The tokens whose characters overlap the form. */
function tokensOfForm({ sentence, starts, ends, special }: ReadSentence): number[] {
  const { start, end } = sentence.critical!;
  return [...special.keys()].filter(
    (token) => special[token] === 0 && starts[token]! < end && ends[token]! > start && ends[token]! > starts[token]!,
  );
}
