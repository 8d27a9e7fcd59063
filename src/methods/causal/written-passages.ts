import { ArgumentError } from "../../core/errors.js";
import { mostWritten } from "../../model/encoder-decoder.js";
import type { Model } from "../../model/model.js";
import { hasRuns } from "./bleu.js";
import type { WrittenMetricName } from "./metric.js";
import { nextIds, type Passage, tokensOf } from "./passage.js";
import type { ReadSentence } from "./read-sentences.js";

/**
 * Passages whose targets an encoder-decoder is to write. Their tokens are those of the right ones: what neurons become is
 * found there, teacher-forced.
 *
 * @throws ArgumentError for BLEU of targets of which none has four words
 */
export function toBeWritten(
  model: Model,
  sentences: readonly ReadSentence[],
  metric: WrittenMetricName,
  path: string,
): Passage[] {
  if (metric === "bleu" && !sentences.some(({ sentence }) => hasRuns(sentence.text)))
    throw new ArgumentError(
      "metric",
      `exact-match, as no target of ${path} has the four words that BLEU needs,`,
      metric,
    );
  const most = mostWritten(model, sentences.map(({ ids }) => ids.length)); // biome-ignore format: one line
  return sentences.map((read) => {
    return { ...tokensOf(read), targets: nextIds(read), written: { right: read.sentence.text, most } };
  });
}

/** A passage as long as what may be written: a start, which is special, and tokens that are not known yet. */
export function asWritten(passage: Passage): Passage {
  const { most } = passage.written!;
  const special = Uint8Array.from({ length: most }, (_, token) => Number(token === 0));
  return { ...passage, ids: new Uint32Array(most), special, targets: new Uint32Array(most) };
}
