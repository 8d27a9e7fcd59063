import { ArgumentError } from "../core/errors.js";
import { type Corpus, targetsOf } from "../corpus/corpus.js";
import { shiftRight } from "../model/encoder-decoder.js";
import type { Model } from "../model/model.js";
import { checkOneStack, isSourceSite } from "../model/stacks.js";
import type { EncodeOptions, Encoding, Tokenizer } from "../model/tokenizer.js";

/** Which tokens are rows: a model's own, or those of one stack of an encoder-decoder. */
export type RowStack = "only" | "encoder" | "decoder";

/** A corpus as one stack reads it. */
export interface StackReading {
  /** Its sentences are those that make rows: an encoder-decoder's second column for its decoder. */
  readonly corpus: Corpus;
  readonly encodings: readonly Encoding[];
  readonly tokenizer: Tokenizer;
  readonly maximumTokens: number;
  /** What the encoder reads for each sentence that the decoder reads; null for every other stack. */
  readonly sources: readonly Pick<Encoding, "ids" | "special">[] | null;
  /** What a decoder is to predict, one id per token of each sentence; null for every other stack. */
  readonly targets: readonly Uint32Array[] | null;
}

/** The stack whose tokens are the rows of some sites. @throws ArgumentError for sites of both */
export function stackOf(model: Model, sites: readonly string[]): RowStack {
  if (!model.encoder) return "only";
  checkOneStack(sites);
  return sites.every(isSourceSite) ? "encoder" : "decoder";
}

/**
 * Tokenises a corpus for a stack. A decoder reads its start and then the target, whose end it predicts only.
 *
 * @throws FileError for a sentence without a target, ArgumentError for a source without a token
 */
export async function readStack(
  model: Model,
  corpus: Corpus,
  stack: RowStack,
  options: EncodeOptions,
): Promise<StackReading> {
  const { tokenizer, encoder } = model;
  const encodings = await tokenizer.encode(textsOf(corpus), options);
  const maximumTokens = encoder?.maximumTokens ?? model.maximumTokens;
  if (stack !== "decoder" || !encoder)
    return { corpus, encodings, tokenizer, maximumTokens, sources: null, targets: null };
  const targets = targetsOf(corpus);
  const written = await model.targetTokenizer.encode(textsOf(targets), options);
  const shifted = written.map((encoding) => shiftRight(encoding, encoder.start));
  return {
    corpus: targets,
    encodings: shifted,
    targets: shifted.map((encoding) => encoding.targets),
    tokenizer: model.targetTokenizer,
    maximumTokens: model.maximumTokens,
    sources: encodings.map(({ ids, special }, number) => ({ ids: checkSource(ids, number, maximumTokens), special })),
  };
}

function textsOf({ sentences }: Corpus): string[] {
  return sentences.map(({ text }) => text);
}

function checkSource(ids: Uint32Array, number: number, most: number): Uint32Array {
  if (ids.length > 0 && ids.length <= most) return ids;
  const expected = ids.length === 0 ? "at least one token" : `at most ${most} tokens`;
  throw new ArgumentError(`the source of sentence ${number}`, expected, ids.length);
}
