import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { FileError } from "../core/errors.js";
import { isFolder } from "../core/files.js";
import type { Progress } from "../core/progress.js";
import { suggest } from "../core/suggest.js";
import { parseModelId } from "./hub/model-id.js";

/** The directory of a model, and its name: the hub's snapshots are named by their commits. */
export interface ModelFolder {
  readonly path: string;
  readonly name: string;
}

/**
 * Finds the directory of a model: its own, or that of the hub's cache, into which what is missing of it is downloaded.
 *
 * @throws FileError for what is neither; it names a directory nearby that is called almost so
 */
export async function findModelFolder(model: string, { signal, onProgress }: Progress): Promise<ModelFolder> {
  if (await isFolder(model)) return folderAt(resolve(model));
  if (existsSync(model)) throw new FileError(model, "Expected a model's directory but it is a file");
  const near = suggest(basename(model), modelsIn(dirname(resolve(model))));
  const id = parseModelId(model);
  if (id === null) throw new FileError(model, `Expected a model's directory${near} but there is none`);
  const { modelSnapshot } = await import("./hub/snapshot.js");
  try {
    const path = await modelSnapshot(id, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
    return { path, name: basename(id.name) };
  } catch (error) {
    if (near === "" || !(error instanceof FileError)) throw error;
    const problem = `Expected a model's directory or a hub id${near} but there is no such directory, and of the hub: ${error.problem}`;
    throw new FileError(model, problem, undefined, { cause: error });
  }
}

/** A directory that is there. @throws FileError that names the models in it where it holds some and is none itself */
function folderAt(path: string): ModelFolder {
  const inside = existsSync(join(path, "config.json")) ? [] : modelsIn(path);
  if (inside.length === 0) return { path, name: basename(path) };
  const problem = `Expected a model's directory but it is a directory of models: ${inside.sort().join(", ")}`;
  throw new FileError(path, problem);
}

/** Directories that hold a model. */
function modelsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, "config.json")));
}
