import type { FileHandle } from "node:fs/promises";
import { FileError } from "../core/errors.js";
import { widenBrainHalves } from "../core/halves.js";
import { NPY_BYTES, type NpyType } from "../core/npy.js";
import { decodeNpy } from "../core/npy-values.js";
import { expectBytes, openForReading, readExactly } from "../core/reading.js";
import type { RowTable } from "../corpus/rows.js";
import { readTensorFile, type TensorEntry, type TensorType } from "../model/safetensors.js";
import { FileSource } from "./file-source.js";
import type { RowReader } from "./row-reader.js";
import { compareSiteNames, isSiteName } from "./site-order.js";

/**
 * A safetensors file as a source: each tensor, rows × width, is the site it is named after, in the order of sites.
 * A single tensor with another name is the site `activations`.
 *
 * @throws FileError unless it holds matrices of numbers with the same number of rows
 */
export async function openSafetensors(path: string, table: RowTable | null = null): Promise<FileSource> {
  const entries = [...(await readTensorFile(path)).tensors.values()];
  const [first] = entries;
  if (!first) throw new FileError(path, "expected a tensor of rows × neurons but it holds none");
  entries.forEach((entry) => {
    checkMatrix(path, entry, first);
  });
  const tensors = entries.sort((a, b) => compareSiteNames(a.name, b.name));
  let offset = 0;
  const parts = tensors.map((entry) => {
    const part = { entry, name: siteName(entry, entries.length), offset, width: entry.shape[1]! };
    offset += part.width;
    return part;
  });
  const sites = parts.map(({ name, width, offset }) => ({ name, width, offset }));
  return new FileSource({ path, rows: first.shape[0]!, sites, table, open: () => openReader(path, parts) });
}

/** One tensor and the columns it fills. */
interface Part {
  readonly entry: TensorEntry;
  readonly offset: number;
  readonly width: number;
}

function siteName({ name }: TensorEntry, tensors: number): string {
  return tensors > 1 || isSiteName(name) ? name : "activations";
}

function checkMatrix(path: string, entry: TensorEntry, first: TensorEntry): void {
  const [rows, columns] = entry.shape;
  const shape = `(${entry.shape.join(", ")})`;
  if (entry.shape.length !== 2 || !rows || !columns) {
    throw new FileError(path, `expected rows × neurons for tensor ${entry.name} but its shape is ${shape}`);
  }
  if (!READABLE.has(entry.type)) {
    throw new FileError(path, `expected numbers or booleans for tensor ${entry.name} but they are ${entry.type}`);
  }
  if (rows !== first.shape[0]) {
    const problem = `expected as many rows for tensor ${entry.name} as ${first.name} has (${first.shape[0]})`;
    throw new FileError(path, `${problem} but it has ${rows}`);
  }
}

const READABLE = new Map<TensorType, NpyType | "bf16">([
  ["F32", "f4"],
  ["F16", "f2"],
  ["BF16", "bf16"],
  ["F64", "f8"],
  ["I8", "i1"],
  ["I16", "i2"],
  ["I32", "i4"],
  ["I64", "i8"],
  ["U8", "u1"],
  ["U16", "u2"],
  ["U32", "u4"],
  ["U64", "u8"],
  ["BOOL", "b1"],
]);

async function openReader(path: string, parts: readonly Part[]): Promise<RowReader> {
  await expectBytes(path, Math.max(...parts.map(({ entry }) => entry.byteOffset + entry.bytes)));
  const file = await openForReading(path);
  const columns = parts.reduce((sum, { width }) => sum + width, 0);
  const [only] = parts;
  const plain = parts.length === 1 && only?.entry.type === "F32" && only.entry.byteOffset % 4 === 0;
  return {
    close: () => file.close(),
    region: (firstRow, rows) => {
      if (!plain || !only) return null;
      return { path, byteOffset: only.entry.byteOffset + firstRow * columns * 4, bytes: rows * columns * 4 };
    },
    read: async (firstRow, into) => {
      for (const part of parts) await readPart(file, path, part, columns, firstRow, into);
    },
  };
}

/** Reads the rows of one tensor and writes them to its columns of `into`. */
async function readPart(
  file: FileHandle,
  path: string,
  { entry, offset, width }: Part,
  columns: number,
  firstRow: number,
  into: Float32Array,
): Promise<void> {
  const rows = into.length / columns;
  const elementBytes = entry.bytes / (entry.shape[0]! * width);
  const bytes = new Uint8Array(rows * width * elementBytes);
  await readExactly(file, path, bytes, entry.byteOffset + firstRow * width * elementBytes);
  const values = decode(entry.type, bytes);
  if (width === columns) return into.set(values);
  for (let row = 0; row < rows; row++) {
    into.set(values.subarray(row * width, (row + 1) * width), row * columns + offset);
  }
}

function decode(tensorType: TensorType, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const type = READABLE.get(tensorType);
  if (type === "f4") return new Float32Array(bytes.buffer);
  if (type === undefined || type === "bf16") {
    const widened = new Float32Array(bytes.length / 2);
    widenBrainHalves(new Uint16Array(bytes.buffer), widened);
    return widened;
  }
  const values = new Float32Array(bytes.length / NPY_BYTES[type]);
  decodeNpy({ type, endian: "little" }, bytes, values);
  return values;
}
