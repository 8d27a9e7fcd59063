import { readFile } from "node:fs/promises";
import { FileError } from "../core/errors.js";
import { fileError } from "../core/files.js";

/** A line of a text file without its line end, and its number from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

const chunkBytes = 1 << 20;
const newline = 0x0a;

/**
 * The lines of a UTF-8 file, decoded a part at a time. Line ends are \n or \r\n; a byte order mark is dropped;
 * a line end at the end of the file opens no further line.
 *
 * @throws FileError with the line where the bytes are not UTF-8
 */
export function* lines(path: string, bytes: Uint8Array): Generator<Line> {
  let number = 0;
  for (let from = byteOrderMark(bytes); from < bytes.length; ) {
    const to = endOfLine(bytes, from + chunkBytes);
    for (const text of decode(path, bytes.subarray(from, to), number + 1).split("\n")) {
      yield { text: text.endsWith("\r") ? text.slice(0, -1) : text, number: ++number };
    }
    from = to + 1;
  }
}

/** The bytes of a text file. @throws FileError if it cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(path, error, "read");
  }
}

/** The lines of a UTF-8 file as `lines` gives them. @throws FileError if it cannot be read */
export async function readLines(path: string): Promise<Iterable<Line>> {
  return lines(path, await readBytes(path));
}

/** The place of the first line end at or after `from`, or the end of the bytes. */
function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(newline, from);
  if (end >= 0) return end;
  return bytes[bytes.length - 1] === newline ? bytes.length - 1 : bytes.length;
}

function byteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function decode(path: string, bytes: Uint8Array, firstLine: number): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    const line = firstLine + firstBadLine(bytes);
    throw new FileError(path, "Expected UTF-8 text but found other bytes", `line ${line}`, { cause });
  }
}

/** How many lines come before the first that is not UTF-8: the decoder writes U+FFFD there. */
function firstBadLine(bytes: Uint8Array): number {
  for (let start = 0, line = 0; start < bytes.length; line++) {
    const end = endOfLine(bytes, start);
    const text = Buffer.from(bytes.subarray(start, end));
    if (!Buffer.from(text.toString("utf8"), "utf8").equals(text)) return line;
    start = end + 1;
  }
  return 0;
}
