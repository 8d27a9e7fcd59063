import { readStack } from "../../activations/live-stack.js";
import { ArgumentError } from "../../core/errors.js";
import { type Alignment, alignWords } from "../../corpus/alignment.js";
import { addBeginning, beginningOf } from "../../corpus/beginning.js";
import type { Corpus, Sentence } from "../../corpus/corpus.js";
import type { Model } from "../../model/model.js";
import type { Encoding } from "../../model/tokenizer.js";

/** A sentence as the tokens that a model, or a decoder, reads. */
export interface ReadSentence extends Encoding {
  readonly number: number;
  readonly sentence: Sentence;
  readonly alignment: Alignment;
  /** Of a decoder: what its encoder reads, and the id that each of its tokens predicts. */
  readonly source?: Pick<Encoding, "ids" | "special">;
  readonly targets?: Uint32Array;
}

/** Whether texts begin with the config's `bos_token_id` where the tokenizer adds nothing. */
export interface BeginningOption {
  readonly beginning?: "add" | undefined;
}

/**
 * Tokenises a corpus: of an encoder-decoder the targets beside its sentences, as its decoder reads them.
 *
 * @throws FileError for a sentence without a target, ArgumentError for one longer than the model's positions
 */
export async function readSentences(
  model: Model,
  read: Corpus,
  { beginning }: BeginningOption,
): Promise<ReadSentence[]> {
  const first = beginning === "add" ? beginningOf(model) : null;
  const { corpus, encodings, sources, targets } = await readStack(model, read, model.encoder ? "decoder" : "only", {});
  return encodings.map((written, number) => {
    const encoding = first === null ? written : addBeginning(written, first);
    const { length } = encoding.ids;
    if (length > model.maximumTokens) {
      throw new ArgumentError(
        "corpus",
        `sentences of at most ${model.maximumTokens} tokens`,
        `${length} in sentence ${number}`,
      );
    }
    const sentence = corpus.sentences[number]!;
    const decoded = targets && { targets: targets[number]!, source: sources![number]! };
    return { ...encoding, number, sentence, alignment: alignWords(sentence.words, encoding), ...decoded };
  });
}
