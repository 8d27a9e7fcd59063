import { ArgumentError } from "../../core/errors.js";
import { mostWritten } from "../../model/encoder-decoder.js";
import { generate } from "../../model/generate.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import { groupPassages, type PassageBatch } from "./batches.js";
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

/**
 * Lets the untouched model write the targets of some passages.
 *
 * @returns the passages as a decoder reads them while it writes this: their targets are what was written. And
 * multiplications and additions
 */
export async function writeUntouched(model: Model, { passages }: PassageBatch, signal?: AbortSignal) {
  let operations = 0;
  const texts = await generate(
    model,
    passages.map(({ source }) => source!.ids),
    { tokens: passages[0]!.written!.most, identities: Uint32Array.from(passages, ({ sentence }) => sentence) },
    { onOperations: (count) => (operations = count), ...(signal && { signal }) },
  );
  const read = passages.map((passage, i): Passage => {
    const { ids: targets, text } = texts[i]!;
    const ids = Uint32Array.of(model.encoder!.start, ...targets.subarray(0, -1));
    const special = Uint8Array.from(ids, (_, token) => Number(token === 0));
    const words = new Int32Array(ids.length).fill(-1);
    const asked = targets.length > 0 ? targets : Uint32Array.of(NO_TARGET);
    return { ...passage, ids, special, words, targets: asked, written: { ...passage.written!, untouched: text } };
  });
  const [batch] = groupPassages(read, Number.POSITIVE_INFINITY);
  return { batch: batch!, operations };
}

/** A passage as long as what may be written: a start, which is special, and tokens that are not known yet. */
export function asWritten(passage: Passage): Passage {
  const { most } = passage.written!;
  const special = Uint8Array.from({ length: most }, (_, token) => Number(token === 0));
  return { ...passage, ids: new Uint32Array(most), special, targets: new Uint32Array(most) };
}
