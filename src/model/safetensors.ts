import { FileError } from "../core/errors.js";
import { openForReading, readExactly } from "../core/reading.js";

// A safetensors file: 8 bytes with the header's length (u64, little-endian), the header, the data.
// The header is a JSON object: name → {dtype, shape, data_offsets: [begin, end]}, offsets into the
// data; `__metadata__` holds free strings. The tensors cover the data without gap or overlap.

/** Bytes of one element. */
const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const;

/** Element types that a safetensors file may name. */
export type TensorType = keyof typeof elementBytes;

/** Where a tensor lies in a file. */
export interface TensorEntry {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly path: string;
  /** From the file's start. */
  readonly byteOffset: number;
  readonly bytes: number;
}

/** What a header says. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit for a header. */
const longestHeader = 100_000_000;

/**
 * Reads and checks the header of a safetensors file; no tensor is read.
 *
 * @throws FileError if the file is missing or cut short, or its header is broken or lies
 */
export async function readTensorFile(path: string): Promise<TensorFile> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    if (size < 8) throw new FileError(path, `Expected a header's length in 8 bytes but the file has ${size}`, "byte 0");
    const start = Buffer.alloc(8);
    await readExactly(file, path, start, 0);
    const length = Number(start.readBigUInt64LE());
    checkHeaderLength(path, length, size);
    const header = Buffer.alloc(length);
    await readExactly(file, path, header, 8);
    return parseHeader(path, header.toString("utf8"), 8 + length, size);
  } finally {
    await file.close();
  }
}

function checkHeaderLength(path: string, length: number, size: number): void {
  if (length > longestHeader) {
    const problem = `Expected a header of at most ${longestHeader} bytes but its length says ${length}`;
    throw new FileError(path, problem, "byte 0");
  }
  if (8 + length > size) {
    const problem = `Expected a header of ${length} bytes but the file has only ${size}: it is cut short`;
    throw new FileError(path, problem, "byte 0");
  }
}

/**
 * Checks the text of a header against the file that holds it.
 *
 * @param dataStart where the data begins, in bytes from the file's start
 * @param size bytes of the whole file
 * @throws FileError that says what is wrong, and with which tensor
 */
function parseHeader(path: string, text: string, dataStart: number, size: number): TensorFile {
  const header = parseObject(path, text);
  const metadata = checkMetadata(path, header.__metadata__);
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => parseEntry(path, name, entry, dataStart));
  checkCover(path, entries, dataStart, size);
  return { tensors: new Map(entries.map((entry) => [entry.name, entry])), metadata };
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new FileError(path, "Expected a header of JSON but it cannot be parsed", "byte 8", { cause });
  }
  if (!isObject(header)) throw new FileError(path, "Expected a JSON object as header", "byte 8");
  return header;
}

function checkMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined || metadata === null) return {};
  if (!isObject(metadata)) throw new FileError(path, "Expected an object for __metadata__", "byte 8");
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, String(value)]));
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): TensorEntry {
  const refuse = (expected: string, received: unknown) => {
    const problem = `Expected ${expected} for tensor ${name} but received ${JSON.stringify(received)}`;
    return new FileError(path, problem, "byte 8");
  };
  if (!isObject(entry)) throw refuse("an object", entry);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isTensorType(dtype)) throw refuse(`a dtype of ${Object.keys(elementBytes).join(", ")}`, dtype);
  if (!isSizes(shape)) throw refuse("a shape of whole numbers", shape);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw refuse("data_offsets [begin, end] with begin ≤ end", offsets);
  }
  const bytes = shape.reduce((product, size) => product * size, elementBytes[dtype]);
  if (offsets[1]! - offsets[0]! !== bytes) {
    throw refuse(`data_offsets ${bytes} bytes apart (${dtype} [${shape.join(", ")}])`, offsets);
  }
  return { name, type: dtype, shape, path, byteOffset: dataStart + offsets[0]!, bytes };
}

/** Every byte of the data belongs to exactly one tensor. */
function checkCover(path: string, entries: readonly TensorEntry[], dataStart: number, size: number): void {
  let end = dataStart;
  let before = "the header";
  for (const entry of entries.toSorted((a, b) => a.byteOffset - b.byteOffset || a.bytes - b.bytes)) {
    if (entry.byteOffset !== end) {
      const how = entry.byteOffset < end ? "overlaps" : "leaves a gap behind";
      throw new FileError(
        path,
        `Expected tensors one behind the other but ${entry.name} ${how} ${before}`,
        `byte ${entry.byteOffset}`,
      );
    }
    end += entry.bytes;
    before = entry.name;
    if (end > size) {
      throw new FileError(
        path,
        `Expected tensor ${entry.name} to end at byte ${end} but the file has ${size}: it is cut short`,
        `byte ${entry.byteOffset}`,
      );
    }
  }
  if (end !== size)
    throw new FileError(
      path,
      `Expected the file to end with ${before} but it has ${size - end} more bytes`,
      `byte ${end}`,
    );
}

function isTensorType(value: unknown): value is TensorType {
  return typeof value === "string" && Object.hasOwn(elementBytes, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
