import type { Encoding as FileEncoding, Tokenizer as LibraryTokenizer } from "tokenizers";
import { FileError } from "../core/errors.js";
import { readJsonFile } from "./json-file.js";
import type { Encoding, Tokenizer } from "./tokenizer.js";
import type { Description } from "./vocabulary-tokenizer.js";

/** Texts that cross into the library at once. */
const chunk = 512;

/**
 * The tokenizer that a `tokenizer.json` describes, run by the `tokenizers` library. Truncation
 * and padding that the file asks for are ignored.
 *
 * @throws FileError if the file is missing, not JSON, or nothing the library knows
 */
export async function fileTokenizer(path: string): Promise<Tokenizer> {
  await readJsonFile(path, "a tokenizer.json");
  const library = await import("tokenizers");
  return wrap(
    parse(path, () => library.Tokenizer.fromFile(path)),
    [path],
  );
}

/**
 * The tokenizer of a tokenizer.json that was put together from other files.
 *
 * @throws FileError if the library does not take it, or gives an added token another id
 */
export async function describedTokenizer({ content, files }: Description): Promise<Tokenizer> {
  const path = files[0] ?? "";
  const library = await import("tokenizers");
  const tokenizer = parse(path, () => library.Tokenizer.fromString(JSON.stringify(content)));
  for (const { id, content: token } of content.added_tokens) {
    const received = tokenizer.tokenToId(token) ?? null;
    if (received === id) continue;
    throw new FileError(
      path,
      `Expected the id ${id} for the added token ${JSON.stringify(token)} but it is ${received}`,
    );
  }
  return wrap(tokenizer, files);
}

function wrap(tokenizer: LibraryTokenizer, files: readonly string[]): Tokenizer {
  tokenizer.disableTruncation();
  tokenizer.disablePadding();
  const size = Object.values(tokenizer.getVocab(true)).reduce((most, id) => Math.max(most, id + 1), 0);
  return {
    kind: "file",
    files,
    size,
    encode: async (texts) => {
      const encodings: Encoding[] = [];
      for (let start = 0; start < texts.length; start += chunk) {
        const some = await tokenizer.encodeBatch(texts.slice(start, start + chunk));
        encodings.push(...some.map(flatten));
      }
      return encodings;
    },
    decode: (ids) => tokenizer.decode(Array.from(ids), true),
    token: (id) => tokenizer.idToToken(id) ?? null,
    id: (token) => tokenizer.tokenToId(token) ?? null,
  };
}

function parse<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw new FileError(path, "Expected a tokenizer.json but the tokenizers library cannot read it", undefined, {
      cause,
    });
  }
}

function flatten(encoding: FileEncoding): Encoding {
  const offsets = encoding.getOffsets();
  return {
    ids: Uint32Array.from(encoding.getIds()),
    starts: Uint32Array.from(offsets, (span) => span[0]!),
    ends: Uint32Array.from(offsets, (span) => span[1]!),
    special: Uint8Array.from(encoding.getSpecialTokensMask()),
  };
}
