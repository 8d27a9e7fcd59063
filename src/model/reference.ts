import { FileError } from "../core/errors.js";
import { openForReading, readExactly } from "../core/reading.js";
import { readTensorFile, type TensorEntry } from "./safetensors.js";
import { readTensor } from "./tensor-values.js";

/** What another implementation computed from a packed batch, by site. */
export interface Reference {
  readonly path: string;
  readonly sequences: readonly Uint32Array[];
  /** What an encoder-decoder's encoder read; empty for other models. */
  readonly sources: readonly Uint32Array[];
  /** The tensors that are no ids, by their names. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

const idNames = ["ids", "starts", "source ids", "source starts"];

/**
 * Reads a safetensors file that bench/peers/export-sites.py writes: `ids` and `starts` of a packed batch (for an
 * encoder-decoder `source ids` and `source starts` too), and a tensor for each site: packed tokens × width, the softmax
 * weights of `attention.scores` sequence by sequence (heads × queries × keys), a sequence classifier's logits sequences
 * × labels.
 *
 * @throws FileError for ids that are missing or no whole numbers, or starts that do not fit them
 */
export async function readReference(path: string): Promise<Reference> {
  const { tensors } = await readTensorFile(path);
  const sequences = await readSequences(path, tensors, "ids", "starts");
  const sources = tensors.has("source ids") ? await readSequences(path, tensors, "source ids", "source starts") : [];
  const others = [...tensors].filter(([name]) => !idNames.includes(name));
  return { path, sequences, sources, tensors: new Map(others) };
}

/** The numbers of a tensor. @throws FileError for one of another type */
export async function readReferenceValues(entry: TensorEntry): Promise<Float32Array> {
  const values = new Float32Array(entry.shape.reduce((product, size) => product * size, 1));
  await readTensor(entry, values);
  return values;
}

async function readSequences(
  path: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  idsName: string,
  startsName: string,
): Promise<Uint32Array[]> {
  const ids = await readWhole(path, tensors, idsName);
  const starts = await readWhole(path, tensors, startsName);
  const ascends = starts.every((start, i) => i === 0 || start > starts[i - 1]!);
  if (starts.length < 2 || starts[0] !== 0 || starts.at(-1) !== ids.length || !ascends) {
    throw new FileError(path, `Expected ascending numbers from 0 to ${ids.length} for ${startsName}`);
  }
  return Array.from(starts.subarray(1), (end, s) => ids.slice(starts[s], end));
}

async function readWhole(path: string, tensors: ReadonlyMap<string, TensorEntry>, name: string): Promise<Uint32Array> {
  const entry = tensors.get(name);
  if (!entry) throw new FileError(path, `Expected a tensor ${name}: the ids that the reference was computed from`);
  if (!["I32", "U32", "I64", "U64"].includes(entry.type) || entry.shape.length !== 1) {
    throw new FileError(
      path,
      `Expected a list of whole numbers for ${name} but it is ${entry.type} [${entry.shape.join(", ")}]`,
    );
  }
  const wide = entry.type.endsWith("64");
  const raw = wide ? new BigInt64Array(entry.bytes / 8) : new Int32Array(entry.bytes / 4);
  const file = await openForReading(path);
  try {
    await readExactly(file, path, raw, entry.byteOffset);
  } finally {
    await file.close();
  }
  return Uint32Array.from(raw as ArrayLike<number | bigint>, Number);
}
