import { access, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FileError } from "../core/errors.js";
import { isJsonObject, readJsonFile } from "./json-file.js";
import { readTensorFile, type TensorEntry } from "./safetensors.js";

/** The tensors of a model's directory, whatever number of files they are in. */
export interface Checkpoint {
  /** What errors about the whole name: the only file, or the index. */
  readonly path: string;
  readonly files: readonly string[];
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

/**
 * Finds `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
 *
 * @throws FileError if there is neither, a shard is missing or damaged, or lacks a tensor that the index puts there
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const path = join(directory, "model.safetensors");
  const index = `${path}.index.json`;
  if (await exists(path)) return { path, files: [path], tensors: (await readTensorFile(path)).tensors };
  if (await exists(index)) return readShards(index);
  throw await noSafetensors(directory, `Expected ${basename(path)} or ${basename(index)} but there is neither`);
}

/** The files that an index names, sorted. @throws FileError if it is broken */
export async function readShardNames(index: string): Promise<string[]> {
  return [...new Set(Object.values(await readWeightMap(index)))].sort();
}

async function readWeightMap(index: string): Promise<Readonly<Record<string, string>>> {
  const { weight_map: map } = await readJsonFile(index, "an index of safetensors files");
  if (isJsonObject(map) && Object.values(map).every(isFileName)) return map as Record<string, string>;
  throw new FileError(index, "Expected an object from tensors to file names for weight_map");
}

async function readShards(index: string): Promise<Checkpoint> {
  const map = await readWeightMap(index);
  const files = [...new Set(Object.values(map))].sort().map((name) => join(dirname(index), name));
  const shards = new Map<string, ReadonlyMap<string, TensorEntry>>();
  for (const file of files) shards.set(file, (await readTensorFile(file)).tensors);
  const tensors = new Map<string, TensorEntry>();
  for (const [name, file] of Object.entries(map)) {
    const path = join(dirname(index), file);
    const entry = shards.get(path)?.get(name);
    if (!entry) throw new FileError(path, `Expected the tensor ${name}, which ${basename(index)} puts there`);
    tensors.set(name, entry);
  }
  return { path: index, files, tensors };
}

/** Names what there is instead, and what to do. */
async function noSafetensors(directory: string, problem: string): Promise<FileError> {
  const other = (await readdir(directory)).find((name) => /\.(bin|pt|pth|h5|msgpack|gguf|onnx)$/.test(name));
  if (other === undefined) return new FileError(directory, problem);
  return new FileError(directory, `${problem}, only ${other}: load it with transformers and save_pretrained it`);
}

/** A plain name: an index may not point out of its directory. */
function isFileName(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value === basename(value);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
