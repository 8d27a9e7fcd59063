import { StringDecoder } from "node:string_decoder";
import { FileError } from "../core/errors.js";
import { openForReading } from "../core/reading.js";
import { Fingerprint } from "../core/sha256.js";

/** Vectors of words, each of length 1. */
export interface WordVectors {
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** SHA-256 of the file, in hex. */
  readonly fingerprint: string;
}

const pieceBytes = 1 << 20;

/**
 * Reads the vectors of some words from a text file in the layout of word2vec or GloVe: a word and its numbers a line,
 * with or without a first line that gives how many of both.
 *
 * @throws FileError with the line of a number that is none, or of a vector of another length than those before
 */
export async function readWordVectors(path: string, wanted: ReadonlySet<string>): Promise<WordVectors> {
  const vectors = new Map<string, Float32Array>();
  const whole = new Fingerprint();
  let dimensions = 0;
  let line = 0;
  for await (const text of linesOf(path, whole)) {
    line++;
    const fields = text.trimEnd().split(" ");
    if (text === "" || (line === 1 && fields.length === 2)) continue;
    dimensions ||= fields.length - 1;
    if (fields.length - 1 !== dimensions || dimensions < 1) {
      const found = `found ${fields.length - 1}`;
      throw new FileError(path, `Expected a word and ${Math.max(1, dimensions)} numbers but ${found}`, `line ${line}`);
    }
    const word = fields[0]!;
    if (!wanted.has(word) || vectors.has(word)) continue;
    const values = Float32Array.from(fields.slice(1), Number);
    if (!values.every(Number.isFinite)) throw new FileError(path, "Expected numbers behind the word", `line ${line}`);
    const norm = Math.hypot(...values);
    vectors.set(word, norm === 0 ? values : values.map((value) => value / norm));
  }
  return { vectors, fingerprint: whole.finish() };
}

async function* linesOf(path: string, whole: Fingerprint): AsyncGenerator<string> {
  const file = await openForReading(path);
  try {
    const decoder = new StringDecoder("utf8");
    const piece = new Uint8Array(pieceBytes);
    let rest = "";
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      const bytes = piece.subarray(0, bytesRead);
      whole.add(bytes);
      const lines = (rest + decoder.write(Buffer.from(bytes))).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    await file.close();
  }
}
