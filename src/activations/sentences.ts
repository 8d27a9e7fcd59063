import { ArgumentError } from "../core/errors.js";
import type { RowTable } from "../corpus/rows.js";
import type { ActivationSource } from "./source.js";

/** The rows of one sentence. */
export interface SentenceRows {
  /** From 0, in the source's order, without gaps. */
  readonly index: number;
  readonly text: readonly string[];
  /** Rows × columns. */
  readonly values: Float32Array;
}

/**
 * The rows of a source sentence by sentence.
 *
 * @throws ArgumentError for a source without a table of words or tokens
 */
export async function* sentencesOf(source: ActivationSource, signal?: AbortSignal): AsyncGenerator<SentenceRows> {
  const table = expectWords(source);
  let carried = new Float32Array(0);
  let row = 0;
  let index = 0;
  for await (const block of source.blocks(signal ? { signal } : {})) {
    const values = join(carried, await block.values());
    const known = row + values.length / source.columns;
    let used = 0;
    for (let end = sentenceEnd(table, row); row < source.rows && end <= known; end = sentenceEnd(table, row)) {
      const count = (end - row) * source.columns;
      yield { index, text: table.text.slice(row, end), values: values.subarray(used, used + count) };
      used += count;
      row = end;
      index++;
    }
    carried = values.slice(used);
  }
}

function expectWords(source: ActivationSource): RowTable {
  if (source.table && source.table.kind !== "sentence") return source.table;
  const received = source.table ? "rows of whole sentences" : "an array without a corpus (--corpus FILE --rows word)";
  throw new ArgumentError("activations", "rows of words or tokens with their text", received);
}

/** The row behind the last of the sentence that `row` is in. */
function sentenceEnd({ sentence, rows }: RowTable, row: number): number {
  let end = row;
  while (end < rows && sentence[end] === sentence[row]) end++;
  return end;
}

function join(first: Float32Array<ArrayBuffer>, second: Float32Array): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
