import type { FileHandle } from "node:fs/promises";
import { FileError } from "../core/errors.js";
import { NPY_BYTES, type NpyHeader } from "../core/npy.js";
import { decodeNpy, readNpyHeader } from "../core/npy-values.js";
import { expectBytes, openForReading, readExactly } from "../core/reading.js";
import type { RowTable } from "../corpus/rows.js";
import { FileSource } from "./file-source.js";
import type { RowReader } from "./row-reader.js";

/**
 * A .npy array of rows × neurons as a source; its columns are the site `activations`.
 *
 * @throws FileError unless it holds a two-dimensional array of numbers that is not empty
 */
export async function openNpy(path: string, table: RowTable | null = null): Promise<FileSource> {
  const header = await readNpyHeader(path);
  const [rows, columns] = header.shape;
  if (header.shape.length !== 2 || rows === undefined || columns === undefined) {
    const shape = `(${header.shape.join(", ")}${header.shape.length === 1 ? "," : ""})`;
    throw new FileError(path, `expected a two-dimensional array, rows × neurons, but its shape is ${shape}`);
  }
  const sites = [{ name: "activations", width: columns, offset: 0 }];
  return new FileSource({ path, rows, sites, table, open: () => openReader(path, header, rows, columns) });
}

async function openReader(path: string, header: NpyHeader, rows: number, columns: number): Promise<RowReader> {
  const elementBytes = NPY_BYTES[header.type];
  await expectBytes(path, header.dataOffset + header.elements * elementBytes);
  const file = await openForReading(path);
  const close = () => file.close();
  if (header.order === "columns") {
    const read = (firstRow: number, into: Float32Array) => readColumns(file, path, header, rows, firstRow, into);
    return { read, region: () => null, close };
  }
  const offset = (row: number) => header.dataOffset + row * columns * elementBytes;
  const plain = header.type === "f4" && header.endian === "little" && header.dataOffset % 4 === 0;
  return {
    close,
    region: (row, count) => (plain ? { path, byteOffset: offset(row), bytes: count * columns * 4 } : null),
    read: async (firstRow, into) => {
      if (header.type === "f4" && header.endian === "little") return readExactly(file, path, into, offset(firstRow));
      const bytes = new Uint8Array(into.length * elementBytes);
      await readExactly(file, path, bytes, offset(firstRow));
      decodeNpy(header, bytes, into);
    },
  };
}

/** Column order: one read per column, each written down its column of `into`. */
async function readColumns(
  file: FileHandle,
  path: string,
  header: NpyHeader,
  rows: number,
  firstRow: number,
  into: Float32Array,
): Promise<void> {
  const columns = header.elements / rows;
  const count = into.length / columns;
  const bytes = new Uint8Array(count * NPY_BYTES[header.type]);
  const column = new Float32Array(count);
  for (let j = 0; j < columns; j++) {
    await readExactly(file, path, bytes, header.dataOffset + (j * rows + firstRow) * NPY_BYTES[header.type]);
    decodeNpy(header, bytes, column);
    for (let i = 0; i < count; i++) into[i * columns + j] = column[i]!;
  }
}
