import type { FileHandle } from "node:fs/promises";
import type { FileMetaData } from "hyparquet";
import { FileError } from "../core/errors.js";
import { openForReading, readExactly } from "../core/reading.js";

/** An open Parquet file, read column by column. */
export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly string[];
  /** A text of the file's own metadata; null where it has none of that key. */
  metadata(key: string): string | null;
  /** Calls `take` with every piece of a column, in any order. @throws FileError if pieces are missing */
  read(column: string, take: (values: ArrayLike<unknown>, firstRow: number) => void): Promise<void>;
}

/** Opens a Parquet file for as long as `use` runs. @throws FileError if it is missing or damaged */
export async function withParquet<Result>(path: string, use: (file: ParquetFile) => Promise<Result>): Promise<Result> {
  const file = await openForReading(path);
  try {
    return await use(await openColumns(path, file));
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(path, "is damaged: it cannot be read as a Parquet file", undefined, { cause: error });
  } finally {
    await file.close();
  }
}

async function openColumns(path: string, file: FileHandle): Promise<ParquetFile> {
  const { parquetMetadataAsync, parquetRead } = await import("hyparquet");
  const { size } = await file.stat();
  const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
    const bytes = new Uint8Array(end - start);
    await readExactly(file, path, bytes, start);
    return bytes.buffer;
  };
  const buffer = { byteLength: size, slice };
  const metadata: FileMetaData = await parquetMetadataAsync(buffer);
  const rows = Number(metadata.num_rows);
  return {
    rows,
    columns: metadata.schema.slice(1).map(({ name }) => name),
    metadata: (key) => metadata.key_value_metadata?.find((entry) => entry.key === key)?.value ?? null,
    read: async (column, take) => {
      let seen = 0;
      const onChunk = ({ columnData, rowStart }: { columnData: ArrayLike<unknown>; rowStart: number }): void => {
        take(columnData, rowStart);
        seen += columnData.length;
      };
      await parquetRead({ file: buffer, metadata, columns: [column], onChunk });
      if (seen !== rows) throw new FileError(path, `expected ${rows} rows of the column ${column} but it has ${seen}`);
    },
  };
}
