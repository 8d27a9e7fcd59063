import { FileError } from "../core/errors.js";
import { type WordVectors, WordVectorsMaker } from "./word-vectors.js";

// Words and numbers between spaces, a word a line: GloVe's text, and fastText's .vec and word2vec's text, which begin
// with a line of two whole numbers: words and width. A word may hold spaces: its numbers are the last ones of a line.

const [space, tab, newline, carriage] = [0x20, 0x09, 0x0a, 0x0d];

/**
 * Reads vectors written as text.
 *
 * @param pieces the file's bytes, in pieces of any size
 * @throws FileError with the line that has another number of numbers, or none; or if the file is cut short
 */
export async function readTextVectors(path: string, pieces: AsyncIterable<Uint8Array>): Promise<WordVectors> {
  let maker: WordVectorsMaker | null = null;
  let number = 0;
  for await (const line of linesOf(pieces)) {
    number++;
    if (number === 1) {
      maker = startWith(path, line);
      if (maker.expected !== null) continue;
    }
    if (line.length > 0) readLine(maker!, line, number);
  }
  if (!maker) throw new FileError(path, "Expected words with their vectors but the file is empty");
  return maker.finish();
}

/** The words and width that a first line names, or the width that a first word has. */
function startWith(path: string, line: Uint8Array): WordVectorsMaker {
  const fields = new TextDecoder()
    .decode(line)
    .trim()
    .split(/[ \t]+/);
  const [words = 0, width = 0] = fields.map(Number);
  const whole = (value: number) => Number.isSafeInteger(value) && value > 0;
  if (fields.length === 2 && whole(words) && whole(width)) return new WordVectorsMaker(path, width, words);
  if (fields.length >= 2) return new WordVectorsMaker(path, fields.length - 1, null);
  throw new FileError(path, "Expected a word and its numbers, or the number of words and of numbers", "line 1");
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array(0);
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      yield trimEnd(rest.length === 0 ? piece.subarray(from, end) : join(rest, piece.subarray(from, end)));
      rest = new Uint8Array(0);
      from = end + 1;
    }
    rest = join(rest, piece.subarray(from));
  }
  if (rest.length > 0) yield trimEnd(rest);
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function trimEnd(line: Uint8Array): Uint8Array {
  let end = line.length;
  while (end > 0 && (line[end - 1] === space || line[end - 1] === carriage || line[end - 1] === tab)) end--;
  return line.subarray(0, end);
}

const decoder = new TextDecoder();

/** Reads a line from its end: the last `width` fields are numbers, what is before them the word. */
function readLine(maker: WordVectorsMaker, line: Uint8Array, number: number): void {
  const { path, width, room } = maker;
  let end = line.length;
  for (let column = width - 1; column >= 0; column--) {
    let start = end;
    while (start > 0 && line[start - 1] !== space && line[start - 1] !== tab) start--;
    const value = start > 0 ? readNumber(line, start, end) : Number.NaN;
    if (Number.isNaN(value)) throw wrongField(path, line, start, end, width, number);
    room[column] = value;
    end = start - 1;
  }
  maker.add(decoder.decode(line.subarray(0, Math.max(0, end))), `line ${number}`);
}

function wrongField(
  path: string,
  line: Uint8Array,
  start: number,
  end: number,
  width: number,
  number: number,
): FileError {
  const found = start > 0 ? JSON.stringify(decoder.decode(line.subarray(start, end))) : "fewer";
  return new FileError(path, `Expected a word and ${width} numbers but found ${found}`, `line ${number}`);
}

/** A decimal number; NaN where it is none. Up to 15 digits without exponent are read here, all others by JavaScript. */
function readNumber(line: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = line[at] === 0x2d;
  if (negative) at++;
  let [digits, value, decimals, point] = [0, 0, 0, false];
  for (; at < end; at++) {
    const digit = line[at]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (point) decimals++;
    } else if (line[at] === 0x2e && !point) point = true;
    else return otherNumber(line, start, end);
  }
  if (digits === 0 || digits > 15) return otherNumber(line, start, end);
  return (negative ? -value : value) / 10 ** decimals;
}

function otherNumber(line: Uint8Array, start: number, end: number): number {
  const text = decoder.decode(line.subarray(start, end));
  return text === "" ? Number.NaN : Number(text);
}
