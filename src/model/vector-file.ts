import { createReadStream, existsSync } from "node:fs";
import { extname } from "node:path";
import { fileError } from "../core/files.js";
import type { Checkpoint } from "./checkpoint.js";
import { Config } from "./config.js";
import type { Tokenizers } from "./tokenizer.js";
import { wordTokenizer } from "./word-tokenizer.js";
import type { WordVectors } from "./word-vectors.js";
import { readBinaryVectors } from "./word-vectors-binary.js";
import { readTextVectors } from "./word-vectors-text.js";

/** Text is GloVe's, fastText's or word2vec's; `.bin` is word2vec's binary format. */
const readers = { ".vec": readTextVectors, ".txt": readTextVectors, ".bin": readBinaryVectors } as const;

const pieceBytes = 1 << 22;

/** What a file of word vectors gives of a model. */
export interface VectorFile extends Tokenizers {
  readonly config: Config;
  readonly checkpoint: Checkpoint;
  /** Fills in the only tensor: a vector for each word, and zeros for unknown ones. */
  readonly reader: (entry: unknown, into: Float32Array) => Promise<void>;
}

/** Whether a path is a file that `readVectorFile` takes. */
export function isVectorFile(path: string): boolean {
  return readerOf(path) !== undefined && existsSync(path);
}

/**
 * Reads the words and vectors of a `.vec`, `.txt` or `.bin` file.
 *
 * @throws FileError if it is missing, cut short, or has lines that do not fit together
 */
export async function readVectorFile(path: string): Promise<VectorFile> {
  const vectors = await readVectors(path);
  const { words, width, matrix } = vectors;
  const shape = [words.length + 1, width];
  const bytes = 4 * (words.length + 1) * width;
  const entry = { name: "vectors", type: "F32", shape, path, byteOffset: 0, bytes } as const;
  const tokenizer = wordTokenizer(words);
  return {
    config: new Config(path, { model_type: "static", vocab_size: shape[0]!, hidden_size: width }),
    checkpoint: { path, files: [], tensors: new Map([["vectors", entry]]) },
    tokenizer,
    targetTokenizer: tokenizer,
    reader: async (_, into) => {
      into.set(matrix);
      into.fill(0, matrix.length, matrix.length + width);
    },
  };
}

async function readVectors(path: string): Promise<WordVectors> {
  try {
    return await readerOf(path)!(path, createReadStream(path, { highWaterMark: pieceBytes }));
  } catch (error) {
    throw fileError(path, error, "read");
  }
}

function readerOf(path: string) {
  return Object.entries(readers).find(([extension]) => extname(path).toLowerCase() === extension)?.[1];
}
