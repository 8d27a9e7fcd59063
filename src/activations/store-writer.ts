import { ArgumentError, FileError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import { ResumableStore, type StoreOptions } from "./resumable-store.js";
import type { ActivationSource } from "./source.js";
import { expectShards, readIndex, type StoreIndex, type StoreJob, sameJob, shardsOf } from "./store-index.js";
import type { StoredType } from "./stored-values.js";

export interface WriteOptions extends StoreOptions {
  /** How numbers are kept (default f32). */
  readonly dtype?: StoredType;
}

/**
 * Writes a source, such as a live model, to a store; nothing is to be done where the same job has made it already.
 * What a run that was cut short left at `PATH.partial` is continued, and an aborted run leaves it there.
 *
 * @throws FileError if a store of another job is in the way, or the disk is full
 * @throws ArgumentError that names the row and the neuron of a number that is not finite, or too large for f16
 */
export async function writeStore(
  source: ActivationSource,
  path: string,
  options: WriteOptions = {},
  progress: Progress = {},
): Promise<void> {
  const job = await jobOf(source, options.dtype ?? "f32");
  const existing = await readIndex(path);
  if (existing?.complete && sameJob(existing.job, job) && (await isUndamaged(path, existing))) return;
  await using store = await ResumableStore.open(path, job, source.table, options);
  try {
    await appendRows(source, store, progress);
  } catch (error) {
    if (error instanceof ArgumentError) await store.discard();
    throw error;
  }
  await store.finish();
}

/** Whether all shards of a finished store have their lengths; one that was damaged since is written anew. */
async function isUndamaged(path: string, index: StoreIndex): Promise<boolean> {
  try {
    await expectShards(shardsOf(path, index));
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

/** The next block is computed while the last is hashed and written. */
async function appendRows(source: ActivationSource, store: ResumableStore, { signal, onProgress }: Progress) {
  let appended = Promise.resolve();
  let row = store.rowsDone;
  onProgress?.(row, source.rows, "rows");
  try {
    for await (const block of source.blocks({ firstRow: row, ...(signal ? { signal } : {}) })) {
      const values = await block.values();
      await appended;
      onProgress?.(store.rowsDone, source.rows, "rows");
      const known = Math.max(0, row - block.firstRow);
      if (known >= block.rows) continue;
      appended = store.append(values.subarray(known * source.columns));
      appended.catch(() => {}); // it is awaited before the next, or below
      row = block.firstRow + block.rows;
    }
  } finally {
    await appended;
  }
  onProgress?.(store.rowsDone, source.rows, "rows");
}

async function jobOf(source: ActivationSource, dtype: StoredType): Promise<StoreJob> {
  if (source.rows === 0) throw new ArgumentError("source", "at least one row", source.name);
  const { model, corpus } = await source.provenance();
  const { rows, sites, table, options = {} } = source;
  return { rows, dtype, sites: [...sites], model, corpus, table: table !== null, options };
}
