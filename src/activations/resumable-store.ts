import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ArgumentError, FileError } from "../core/errors.js";
import { exists, isFolder, makeFolder, partialPath } from "../core/files.js";
import { LARGEST_HALF } from "../core/halves.js";
import { Fingerprint } from "../core/sha256.js";
import type { RowTable } from "../corpus/rows.js";
import { checkFinite } from "./finite.js";
import { writeRowTable } from "./row-table-file.js";
import { isWhole, ShardWriter, shardValues } from "./shard-file.js";
import * as store from "./store-index.js";
import { storeValues } from "./stored-values.js";

export interface StoreOptions {
  /** What to do where a store of another job is in the way (default: refuse). */
  readonly existing?: "refuse" | "replace";
  /** Rows of a shard; the default makes shards of about 128 MiB. */
  readonly shardRows?: number;
}

/**
 * Writes a store row by row into `PATH.partial` and renames it when it is complete. What a run that was cut short left
 * behind is continued at `rowsDone`: whole shards are kept, so the result has the same bytes.
 */
export class ResumableStore {
  readonly columns: number;
  readonly #shards: readonly store.Shard[];
  readonly #fingerprint = new Fingerprint();
  #row = 0;
  #open: ShardWriter | null = null;

  private constructor(
    readonly path: string,
    readonly index: store.StoreIndex,
  ) {
    this.columns = store.columnsOf(index.job);
    this.#shards = store.shardsOf(partialPath(path), index);
  }

  /**
   * Starts or continues a store.
   *
   * @throws FileError if a store of another job, or something that is no store, is in the way
   */
  static async open(
    path: string,
    job: store.StoreJob,
    table: RowTable | null,
    options: StoreOptions = {},
  ): Promise<ResumableStore> {
    const { existing = "refuse", shardRows = store.defaultShardRows(store.columnsOf(job)) } = options;
    if ((table?.rows ?? job.rows) !== job.rows) throw new ArgumentError("table", `${job.rows} rows`, table?.rows);
    const partial = partialPath(path);
    await expectReplaceable(path, job, existing);
    const begun = await expectReplaceable(partial, job, existing);
    const tablePath = join(partial, store.TABLE);
    if (begun && store.sameJob(begun.job, job) && begun.shardRows === shardRows) {
      if (table && !(await exists(tablePath))) await writeRowTable(tablePath, table);
      const writer = new ResumableStore(path, { ...begun, complete: false });
      await writer.#continue();
      return writer;
    }
    const index = { format: store.STORE_FORMAT, complete: false, job, shardRows, activations: null } as const;
    if (await exists(partial)) await rm(partial, { recursive: true });
    await makeFolder(partial);
    await store.writeIndex(partial, index);
    if (table) await writeRowTable(tablePath, table);
    return new ResumableStore(path, index);
  }

  /** Rows that are written; the next ones to append start here. */
  get rowsDone(): number {
    return this.#row;
  }

  /** Appends whole rows. @throws FileError where they cannot be written, ArgumentError for a number that is not finite */
  async append(values: Float32Array): Promise<void> {
    const { job } = this.index;
    const rows = values.length / this.columns;
    if (!Number.isInteger(rows) || this.#row + rows > job.rows) {
      throw new ArgumentError("values", `whole rows of ${this.columns}, at most ${job.rows} in all`, values.length);
    }
    checkFinite(values, this.#row, job.sites, job.dtype === "f16" ? LARGEST_HALF : Infinity);
    for (let done = 0; done < rows; ) {
      this.#open ??= await ShardWriter.open(this.#nextShard());
      const { firstRow, rows: shardRows } = this.#open.shard;
      const count = Math.min(rows - done, firstRow + shardRows - this.#row);
      const { bytes, read } = storeValues(
        job.dtype,
        values.subarray(done * this.columns, (done + count) * this.columns),
      );
      await this.#open.write(bytes);
      this.#fingerprint.add(read);
      done += count;
      this.#row += count;
      if (this.#row === firstRow + shardRows) await this.#finishShard();
    }
  }

  /** Completes the store and gives it its name; an old one there is replaced. Returns the fingerprint of its activations. */
  async finish(): Promise<string> {
    if (this.#row !== this.index.job.rows)
      throw new ArgumentError("rows", `${this.index.job.rows} appended`, this.#row);
    const activations = this.#fingerprint.finish();
    const partial = partialPath(this.path);
    await store.writeIndex(partial, { ...this.index, complete: true, activations });
    await rm(this.path, { recursive: true, force: true });
    await rename(partial, this.path);
    return activations;
  }

  /** Removes what is written so far. */
  async discard(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(partialPath(this.path), { recursive: true, force: true });
  }

  /** Closes what is open; what is not finished can be continued later. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.file.close();
    this.#open = null;
  }

  #nextShard(): store.Shard {
    const shard = this.#shards[Math.floor(this.#row / this.index.shardRows)];
    if (!shard) throw new ArgumentError("row", `below ${this.index.job.rows}`, this.#row);
    return shard;
  }

  async #finishShard(): Promise<void> {
    await this.#open?.finish();
    this.#open = null;
  }

  /** Takes over the table and the whole shards of a run that was cut short. */
  async #continue(): Promise<void> {
    for (const shard of this.#shards) {
      if (!(await isWhole(shard))) return;
      for await (const values of shardValues(shard, this.index.job.dtype)) this.#fingerprint.add(values);
      this.#row += shard.rows;
    }
  }
}

/** The index of a store that may stand in the way: null where nothing is there. */
async function expectReplaceable(
  path: string,
  job: store.StoreJob,
  existing: "refuse" | "replace",
): Promise<store.StoreIndex | null> {
  if (!(await exists(path))) return null;
  const index = await store.readIndex(path);
  if (!index && !(await isEmptyFolder(path)))
    throw new FileError(path, "is there already and is not an activation store");
  if (index && existing === "refuse" && !store.sameJob(index.job, job)) {
    throw new FileError(path, "holds activations of another job: choose another name or replace it with --force");
  }
  return index;
}

/** A folder is empty where a run was cut short before it wrote its index. */
async function isEmptyFolder(path: string): Promise<boolean> {
  if (!(await isFolder(path))) return false;
  return (await readdir(path)).every((name) => name === partialPath(store.INDEX));
}
