import { join } from "node:path";
import type { RowTable } from "../corpus/rows.js";
import { FileSource } from "./file-source.js";
import type { RowReader } from "./row-reader.js";
import { readRowTable } from "./row-table-file.js";
import { OpenShards } from "./shard-file.js";
import { columnsOf, expectShards, expectStore, type StoreIndex, shardsOf, TABLE } from "./store-index.js";

/**
 * An activation store as a source.
 *
 * @param table annotations to take instead of the store's own
 * @throws FileError if there is none, it was cut short, or a part of it is missing or damaged
 */
export async function openStore(path: string, table: RowTable | null = null): Promise<FileSource> {
  const index = await expectStore(path);
  const { rows, model, corpus, dtype, options } = index.job;
  const sites = index.job.sites.map(({ name, width, offset }) => ({ name, width, offset }));
  const own = index.job.table && !table ? await readRowTable(join(path, TABLE)) : null;
  const shards = shardsOf(path, index);
  await expectShards(shards);
  const provenance = { model, corpus, activations: index.activations };
  return new FileSource({
    path,
    files: shards.map((shard) => shard.path),
    rows,
    sites,
    table: table ?? own,
    dtype,
    options,
    provenance,
    open: () => openReader(path, index),
  });
}

async function openReader(path: string, index: StoreIndex): Promise<RowReader> {
  const shards = shardsOf(path, index);
  await expectShards(shards);
  return new OpenShards(shards, columnsOf(index.job), index.job.dtype, index.shardRows);
}
