import { ArgumentError } from "../core/errors.js";
import type { Alignment } from "./alignment.js";

/** What happens to a sentence that is longer than a model's positions. */
export type LongSentences = "refuse" | "windows";

/** A sequence that a model reads: a whole sentence, or a part of it with the template's special tokens around it. */
export interface Window {
  readonly ids: Uint32Array;
  /** The token of the sentence that each of `ids` is; −1 for special tokens repeated around an inner part. */
  readonly tokens: Int32Array;
  /** Whether the next window begins with tokens of a word that this one began. */
  readonly splitsWord: boolean;
}

/** A sentence as a tokenizer gave it. */
interface Tokens {
  readonly ids: Uint32Array;
  readonly special: ArrayLike<number>;
}

/**
 * Cuts a sentence into windows of at most `maximum` tokens, each within the special tokens that the template puts
 * before and behind. Windows do not overlap and begin with a word, unless a word alone is longer than a window;
 * every token is in exactly one of them. A sentence that fits is one window; one without tokens is none.
 *
 * @throws ArgumentError for a longer sentence that is not to be cut, and where the special tokens alone fill a window
 */
export function cutWindows(
  name: string,
  tokens: Tokens,
  alignment: Alignment,
  maximum: number,
  long: LongSentences,
): Window[] {
  const count = tokens.ids.length;
  if (count === 0) return [];
  if (count <= maximum) return [{ ids: tokens.ids, tokens: Int32Array.from(tokens.ids.keys()), splitsWord: false }];
  if (long === "refuse") throw new ArgumentError(name, `at most ${maximum} tokens (or windows of them)`, count);
  const before = leading(tokens.special, count);
  const behind = count - trailing(tokens.special, count);
  const room = maximum - before - (count - behind);
  if (room < 1) throw new ArgumentError(name, `windows longer than their special tokens`, maximum);
  const inner = wordStarts(alignment, count);
  const windows: Window[] = [];
  for (let from = before; from < behind; ) {
    const to = cutAt(inner, from, Math.min(from + room, behind), behind);
    windows.push(windowOf(tokens.ids, { before, from, to, behind }, to < behind && inner[to] === 0));
    from = to;
  }
  return windows;
}

function windowOf(
  ids: Uint32Array,
  { before, from, to, behind }: { before: number; from: number; to: number; behind: number },
  splitsWord: boolean,
): Window {
  const tokens: number[] = [];
  for (let token = 0; token < before; token++) tokens.push(token);
  for (let token = from; token < to; token++) tokens.push(token);
  for (let token = behind; token < ids.length; token++) tokens.push(token);
  const once = (token: number) => (token < before && from > before) || (token >= behind && to < behind);
  return {
    ids: Uint32Array.from(tokens, (token) => ids[token]!),
    tokens: Int32Array.from(tokens, (token) => (once(token) ? -1 : token)),
    splitsWord,
  };
}

/** The last place at or before `latest` where no word is cut; `latest` itself where there is none after `from`. */
function cutAt(starts: Uint8Array, from: number, latest: number, end: number): number {
  if (latest === end) return end;
  for (let at = latest; at > from; at--) if (starts[at]) return at;
  return latest;
}

/** 1 for every token before which no word is cut in two. */
function wordStarts(alignment: Alignment, count: number): Uint8Array {
  const starts = new Uint8Array(count).fill(1);
  for (const tokens of alignment.tokens) {
    if (tokens.length > 1) starts.fill(0, tokens[0]! + 1, tokens.at(-1)! + 1);
  }
  return starts;
}

function leading(special: ArrayLike<number>, count: number): number {
  let at = 0;
  while (at < count && special[at]) at++;
  return at;
}

function trailing(special: ArrayLike<number>, count: number): number {
  let at = 0;
  while (at < count && special[count - 1 - at]) at++;
  return at;
}
