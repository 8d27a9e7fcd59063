import { type FileHandle, open, rename } from "node:fs/promises";
import { ArgumentError } from "../core/errors.js";
import { fileError, partialPath } from "../core/files.js";
import { expectBytes, openForReading, readExactly } from "../core/reading.js";
import type { FileRegion } from "../device/device.js";
import type { RowReader } from "./row-reader.js";
import type { Shard } from "./store-index.js";
import { readStored, STORED_BYTES, type StoredType } from "./stored-values.js";

/** A shard while it is written; it has its name only when it is whole. */
export class ShardWriter {
  private constructor(
    readonly shard: Shard,
    readonly file: FileHandle,
  ) {}

  /** @throws FileError if the file cannot be written */
  static async open(shard: Shard): Promise<ShardWriter> {
    try {
      const writer = new ShardWriter(shard, await open(partialPath(shard.path), "w"));
      await writer.write(shard.head);
      return writer;
    } catch (error) {
      throw fileError(shard.path, error, "written");
    }
  }

  /** Appends bytes. @throws FileError if they cannot be written, as on a full disk */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.file.writeFile(bytes);
    } catch (error) {
      throw fileError(this.shard.path, error, "written");
    }
  }

  /** Closes the file and gives it its name. */
  async finish(): Promise<void> {
    await this.file.close();
    await rename(partialPath(this.shard.path), this.shard.path);
  }
}

/** Whether a shard is there in full. */
export async function isWhole(shard: Shard): Promise<boolean> {
  const size = await expectBytes(shard.path, 0).catch(() => 0);
  return size === shard.bytes;
}

/** Values read at a time, in bytes. */
const PIECE_BYTES = 2 ** 22;

/** The values of a whole shard in their order, in pieces. @throws FileError on a short read */
export async function* shardValues(shard: Shard, type: StoredType): AsyncGenerator<Float32Array> {
  const file = await openForReading(shard.path);
  try {
    for (let offset = shard.head.length; offset < shard.bytes; offset += PIECE_BYTES) {
      const bytes = new Uint8Array(Math.min(PIECE_BYTES, shard.bytes - offset));
      await readExactly(file, shard.path, bytes, offset);
      yield readStored(type, bytes);
    }
  } finally {
    await file.close();
  }
}

/** The shards of a store, read as one matrix. One file is open at a time. */
export class OpenShards implements RowReader {
  #open: { readonly shard: Shard; readonly file: FileHandle } | null = null;

  constructor(
    readonly shards: readonly Shard[],
    readonly columns: number,
    readonly type: StoredType,
    readonly shardRows: number,
  ) {}

  async read(firstRow: number, into: Float32Array): Promise<void> {
    const rows = into.length / this.columns;
    for (let done = 0; done < rows; ) {
      const shard = this.#shardOf(firstRow + done);
      const count = Math.min(rows - done, shard.firstRow + shard.rows - firstRow - done);
      await this.#readShard(shard, firstRow + done, into.subarray(done * this.columns, (done + count) * this.columns));
      done += count;
    }
  }

  region(firstRow: number, rows: number): FileRegion | null {
    const shard = this.#shardOf(firstRow);
    if (this.type !== "f32" || firstRow + rows > shard.firstRow + shard.rows) return null;
    return { path: shard.path, byteOffset: this.#byteOffset(shard, firstRow), bytes: rows * this.columns * 4 };
  }

  async close(): Promise<void> {
    await this.#open?.file.close();
    this.#open = null;
  }

  #shardOf(row: number): Shard {
    const shard = this.shards[Math.floor(row / this.shardRows)];
    if (!shard) throw new ArgumentError("row", `below ${this.shards.length * this.shardRows}`, row);
    return shard;
  }

  #byteOffset(shard: Shard, row: number): number {
    return shard.head.length + (row - shard.firstRow) * this.columns * STORED_BYTES[this.type];
  }

  async #readShard(shard: Shard, row: number, into: Float32Array): Promise<void> {
    const file = await this.#file(shard);
    if (this.type === "f32") return readExactly(file, shard.path, into, this.#byteOffset(shard, row));
    const bytes = new Uint8Array(into.length * STORED_BYTES[this.type]);
    await readExactly(file, shard.path, bytes, this.#byteOffset(shard, row));
    into.set(readStored(this.type, bytes));
  }

  async #file(shard: Shard): Promise<FileHandle> {
    if (this.#open?.shard === shard) return this.#open.file;
    await this.close();
    const file = await openForReading(shard.path);
    this.#open = { shard, file };
    return file;
  }
}
