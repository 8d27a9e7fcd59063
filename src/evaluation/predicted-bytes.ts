import type { TokenSpans } from "../corpus/alignment.js";
import type { Model } from "../model/model.js";

/**
 * UTF-8 bytes of the text that some tokens stand for. A token stands for the characters up to its end that no token
 * before it stands for, so spaces between tokens count for the later one; a byte model's token stands for a byte.
 */
export function predictedBytes(
  { tokenizer }: Model,
  text: string,
  { ends, special }: TokenSpans,
  isPredicted: (token: number) => boolean,
): number {
  let bytes = 0;
  let covered = 0;
  const width = widthOf(text);
  for (let token = 0; token < ends.length; token++) {
    if (special[token] !== 0) continue;
    const end = Math.max(covered, ends[token]!);
    if (isPredicted(token)) bytes += tokenizer.kind === "bytes" ? 1 : width(covered, end);
    covered = end;
  }
  return bytes;
}

/** Bytes of the characters start … end − 1 of a text. */
function widthOf(text: string): (start: number, end: number) => number {
  if (/^[\0-\x7f]*$/.test(text)) return (start, end) => end - start;
  const points = [...text];
  const places = new Uint32Array(points.length + 1);
  points.forEach((point, i) => {
    places[i + 1] = places[i]! + Buffer.byteLength(point);
  });
  return (start, end) => places[end]! - places[start]!;
}
