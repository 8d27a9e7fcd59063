import { extname } from "node:path";
import { FileError } from "../core/errors.js";
import { exists, isFolder, partialPath } from "../core/files.js";
import type { RowTable } from "../corpus/rows.js";
import type { ActivationSource } from "./source.js";

/** What a source may be, by the end of its name; a folder is a store. */
const READERS: Readonly<
  Record<string, () => Promise<(path: string, table?: RowTable | null) => Promise<ActivationSource>>>
> = {
  ".npy": async () => (await import("./npy.js")).openNpy,
  ".safetensors": async () => (await import("./safetensors-file.js")).openSafetensors,
  ".json": async () => (await import("./neurox-json.js")).openNeuroxJson,
  ".hdf5": async () => (await import("./neurox-hdf5.js")).openNeuroxHdf5,
};

/**
 * Opens activations: a store, `x.npy`, `x.safetensors`, or a NeuroX `.json` or `.hdf5` file.
 *
 * @param table annotations of the rows, one for each; a store has its own
 * @throws FileError if it is missing, damaged, of another kind, or has another number of rows than `table`
 */
export async function openSource(path: string, table: RowTable | null = null): Promise<ActivationSource> {
  const reader = READERS[extname(path).toLowerCase()];
  if (reader && !(await isFolder(path))) return (await reader())(path, table);
  if ((await exists(path)) && !(await isFolder(path))) {
    throw new FileError(path, `expected a store or a file that ends in ${Object.keys(READERS).join(", ")}`);
  }
  if (!(await exists(path)) && !(await exists(partialPath(path))))
    throw new FileError(path, "there is no such file or store");
  const { openStore } = await import("./store.js");
  return openStore(path, table);
}
