import { createHash } from "node:crypto";
import { FileError } from "../core/errors.js";
import type { Corpus } from "./corpus.js";
import { readBytes } from "./lines.js";

/**
 * Reads a UTF-8 file as one text, every character of it, line ends too: a corpus of one sentence without words.
 *
 * @throws FileError if it cannot be read, is not UTF-8, or is empty
 */
export async function readWholeText(path: string): Promise<Corpus> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new FileError(path, "Expected a text but the file is empty");
  const fingerprint = createHash("sha256").update(bytes).digest("hex");
  return { path, fingerprint, sentences: [{ text: decode(path, bytes), words: [], labels: {} }] };
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(path, "Expected UTF-8 text but found other bytes", undefined, { cause });
  }
}
