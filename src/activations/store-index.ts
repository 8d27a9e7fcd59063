import { join } from "node:path";
import { FileError } from "../core/errors.js";
import { isFolder, partialPath, writeFileAtomically } from "../core/files.js";
import { expectBytes, readText } from "../core/reading.js";
import type { Site } from "../core/sites.js";
import { defaultBlockRows } from "./row-reader.js";
import { tensorFileHead } from "./tensor-file.js";

/**
 * A store is a folder: `index.json` (this), `rows.parquet` (the table of rows, if there is one), and shards
 * `activations-00000.safetensors` …, each with one tensor `activations` of rows × all neurons.
 * While it is written it is called `NAME.partial` and its index says `complete: false`.
 */
export interface StoreIndex {
  readonly format: typeof STORE_FORMAT;
  readonly complete: boolean;
  /** What was asked for. Stores of the same job hold the same bytes. */
  readonly job: StoreJob;
  readonly shardRows: number;
  /** SHA-256 of the float32 values, row after row, in hex; null until the store is complete. */
  readonly activations: string | null;
}

/** Everything that decides what a store holds. */
export interface StoreJob {
  readonly rows: number;
  readonly dtype: "f32" | "f16";
  readonly sites: readonly Site[];
  /** Fingerprints of where the activations come from. */
  readonly model: string | null;
  readonly corpus: string | null;
  /** Whether there is a table of rows. */
  readonly table: boolean;
  /** How the rows were made: `rows`, `pool` and the like. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an index says it is. */
export const STORE_FORMAT = "neurometry activations 1";
/** The name of the file that says what a store is. */
export const INDEX = "index.json";
/** The name of the file that says what the rows are. */
export const TABLE = "rows.parquet";

/** The job's number of neurons. */
export function columnsOf(job: StoreJob): number {
  return job.sites.reduce((sum, site) => sum + site.width, 0);
}

/** Rows of every shard but the last: eight blocks, about 128 MiB of float32. */
export function defaultShardRows(columns: number): number {
  return 8 * defaultBlockRows(columns);
}

/** One shard of a store: which rows, in which file, from which byte on. */
export interface Shard {
  readonly path: string;
  readonly firstRow: number;
  readonly rows: number;
  readonly head: Uint8Array;
  /** Of the whole file. */
  readonly bytes: number;
}

/** The shards of a store in `folder`, in order; they need not be there yet. */
export function shardsOf(folder: string, index: StoreIndex): Shard[] {
  const { rows, dtype } = index.job;
  const columns = columnsOf(index.job);
  const type = dtype === "f32" ? "F32" : "F16";
  return Array.from({ length: Math.ceil(rows / index.shardRows) }, (_, i) => {
    const firstRow = i * index.shardRows;
    const shardRows = Math.min(index.shardRows, rows - firstRow);
    const tensor = { name: "activations", type, shape: [shardRows, columns] } as const;
    const head = tensorFileHead([tensor], { first_row: String(firstRow) });
    const path = join(folder, `activations-${String(i).padStart(5, "0")}.safetensors`);
    return {
      path,
      firstRow,
      rows: shardRows,
      head,
      bytes: head.length + shardRows * columns * (dtype === "f32" ? 4 : 2),
    };
  });
}

/** Whether two jobs would make the same bytes. */
export function sameJob(a: StoreJob, b: StoreJob): boolean {
  return canonical(a) === canonical(b);
}

/** Writes the index of the store in `folder`. */
export function writeIndex(folder: string, index: StoreIndex): Promise<void> {
  return writeFileAtomically(join(folder, INDEX), `${canonical(index)}\n`);
}

/** The index of the store in `folder`, complete or not; null where `folder` holds no store. */
export async function readIndex(folder: string): Promise<StoreIndex | null> {
  if (!(await isFolder(folder))) return null;
  const path = join(folder, INDEX);
  const text = await readText(path).catch(() => null);
  if (text === null) return null;
  try {
    return checkIndex(path, JSON.parse(text));
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(path, "is damaged: it is no JSON", undefined, { cause: error });
  }
}

/** The index of a complete store. @throws FileError if there is none, it was cut short, or shards are missing */
export async function expectStore(path: string): Promise<StoreIndex> {
  const index = await readIndex(path);
  if (index?.complete) return index;
  if (index || (await readIndex(partialPath(path)))) {
    throw new FileError(path, "was cut short while it was written: the command that began it continues it");
  }
  if (await isFolder(path)) throw new FileError(path, "is not an activation store: it has no index.json");
  throw new FileError(path, "there is no such store");
}

/** Checks that every shard of a store is there in full. @throws FileError that names the first that is not */
export async function expectShards(shards: readonly Shard[]): Promise<void> {
  for (const { path, bytes } of shards) {
    const size = await expectBytes(path, bytes);
    if (size !== bytes) throw new FileError(path, `is damaged: expected ${bytes} bytes but it has ${size}`);
  }
}

function checkIndex(path: string, value: unknown): StoreIndex {
  const index = value as Partial<StoreIndex> | null;
  if (index?.format !== STORE_FORMAT) {
    throw new FileError(
      path,
      `expected the format "${STORE_FORMAT}" but it is ${JSON.stringify(index?.format ?? null)}`,
    );
  }
  const { job, shardRows } = index;
  const whole = (number: unknown): boolean => Number.isSafeInteger(number) && Number(number) > 0;
  const intact = job && whole(job.rows) && whole(shardRows) && ["f32", "f16"].includes(job.dtype);
  if (!intact || !Array.isArray(job.sites) || !job.sites.every((site) => whole(site?.width))) {
    throw new FileError(path, "is damaged: its job, sites or shard size is missing");
  }
  return index as StoreIndex;
}

/** JSON with its keys in order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  const sort = (_: string, part: unknown): unknown =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part;
  return JSON.stringify(value, sort, 2);
}
