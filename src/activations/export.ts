import { extname } from "node:path";
import { FileError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import type { ActivationSource } from "./source.js";

type Writer = (path: string, source: ActivationSource, signal?: AbortSignal) => Promise<void>;

/** What can be written, by the end of its name. */
const WRITERS: Readonly<Record<string, () => Promise<Writer>>> = {
  ".npy": async () => (await import("./npy-writer.js")).writeNpy,
  ".safetensors": async () => (await import("./safetensors-writer.js")).writeSafetensors,
  ".json": async () => (await import("./neurox-json.js")).writeNeuroxJson,
  ".hdf5": async () => (await import("./neurox-hdf5-writer.js")).writeNeuroxHdf5,
  ".parquet": async () => (await import("./parquet-writer.js")).writeParquet,
};

/**
 * Writes a source to one file, in one go or not at all: `.npy` in C order, `.safetensors` with a tensor a site,
 * NeuroX's `.json` or `.hdf5` of residual sites, or `.parquet` with the table of rows and a column a neuron.
 *
 * @throws FileError for another ending, and where the file cannot be written
 * @throws ArgumentError where a format cannot hold the source
 */
export async function exportActivations(
  source: ActivationSource,
  path: string,
  { signal, onProgress }: Progress = {},
): Promise<void> {
  const writer = WRITERS[extname(path).toLowerCase()];
  if (!writer) throw new FileError(path, `expected a name that ends in ${Object.keys(WRITERS).join(", ")}`);
  await (await writer())(path, onProgress ? counted(source, onProgress) : source, signal);
}

/** The same source, telling of every block that is read. */
function counted(source: ActivationSource, onProgress: NonNullable<Progress["onProgress"]>): ActivationSource {
  const { name, rows, columns, sites, table, dtype = "f32" } = source;
  return {
    ...{ name, rows, columns, sites, table, dtype },
    provenance: () => source.provenance(),
    async *blocks(options) {
      for await (const block of source.blocks(options)) {
        yield block;
        onProgress(block.firstRow + block.rows, rows, "rows");
      }
    },
  };
}
