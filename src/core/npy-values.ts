import { FileError } from "./errors.js";
import { widenHalves } from "./halves.js";
import { NPY_BYTES, NPY_PREFIX_BYTES, type NpyHeader, type NpyType, npyHeaderBytes, parseNpyHeader } from "./npy.js";
import { expectBytes, openForReading, readExactly } from "./reading.js";

/** A whole array in memory, in C order whatever the file's. */
export interface NpyArray {
  readonly type: NpyType;
  readonly shape: readonly number[];
  /** Booleans are 0 and 1; 64-bit integers are exact. */
  readonly values: Float64Array;
}

/** The header of a file, with its length checked. @throws FileError if the file is damaged, cut short or empty */
export async function readNpyHeader(path: string): Promise<NpyHeader> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    const prefix = new Uint8Array(Math.min(NPY_PREFIX_BYTES, size));
    await readExactly(file, path, prefix, 0);
    const bytes = new Uint8Array(Math.min(npyHeaderBytes(prefix, path), size));
    await readExactly(file, path, bytes, 0);
    const header = parseNpyHeader(bytes, path);
    if (header.elements === 0) throw new FileError(path, `is an empty array of shape (${header.shape.join(", ")})`);
    await expectBytes(path, header.dataOffset + header.elements * NPY_BYTES[header.type]);
    return header;
  } finally {
    await file.close();
  }
}

/**
 * Reads a small array, such as labels, whole.
 *
 * @throws FileError as `readNpyHeader`, and for integers beyond ±2⁵³
 */
export async function readNpy(path: string): Promise<NpyArray> {
  const header = await readNpyHeader(path);
  const bytes = new Uint8Array(header.elements * NPY_BYTES[header.type]);
  const file = await openForReading(path);
  try {
    await readExactly(file, path, bytes, header.dataOffset);
  } finally {
    await file.close();
  }
  const values = new Float64Array(header.elements);
  decodeNpy(header, bytes, values);
  checkExact(header, values, path);
  return {
    type: header.type,
    shape: header.shape,
    values: header.order === "rows" ? values : toRows(values, header.shape),
  };
}

/** Decodes consecutive elements of a file; `into` has one element for each of them. */
export function decodeNpy(
  header: Pick<NpyHeader, "type" | "endian">,
  bytes: Uint8Array,
  into: Float32Array | Float64Array,
): void {
  if (header.endian === "little" && decodeAsIs(header.type, bytes, into)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = NPY_BYTES[header.type];
  const little = header.endian === "little";
  const read = READERS[header.type];
  for (let i = 0; i < into.length; i++) into[i] = read(view, i * width, little);
}

/** The common little-endian types, without a call per element; false where the bytes lie unaligned or it is another type. */
function decodeAsIs(type: NpyType, bytes: Uint8Array, into: Float32Array | Float64Array): boolean {
  if (bytes.byteOffset % NPY_BYTES[type] !== 0) return false;
  if (type === "f4") into.set(new Float32Array(bytes.buffer, bytes.byteOffset, into.length));
  else if (type === "f8") into.set(new Float64Array(bytes.buffer, bytes.byteOffset, into.length));
  else if (type === "f2") widenHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, into.length), into);
  else return false;
  return true;
}

const half = new Float64Array(1);

const READERS: Readonly<Record<NpyType, (view: DataView, offset: number, little: boolean) => number>> = {
  f2: (view, offset, little) => {
    widenHalves(Uint16Array.of(view.getUint16(offset, little)), half);
    return half[0]!;
  },
  f4: (view, offset, little) => view.getFloat32(offset, little),
  f8: (view, offset, little) => view.getFloat64(offset, little),
  i1: (view, offset) => view.getInt8(offset),
  i2: (view, offset, little) => view.getInt16(offset, little),
  i4: (view, offset, little) => view.getInt32(offset, little),
  i8: (view, offset, little) =>
    view.getInt32(little ? offset + 4 : offset, little) * 2 ** 32 +
    view.getUint32(little ? offset : offset + 4, little),
  u1: (view, offset) => view.getUint8(offset),
  u2: (view, offset, little) => view.getUint16(offset, little),
  u4: (view, offset, little) => view.getUint32(offset, little),
  u8: (view, offset, little) =>
    view.getUint32(little ? offset + 4 : offset, little) * 2 ** 32 +
    view.getUint32(little ? offset : offset + 4, little),
  b1: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
};

function checkExact(header: NpyHeader, values: Float64Array, path: string): void {
  if (header.type !== "i8" && header.type !== "u8") return;
  const index = values.findIndex((value) => !Number.isSafeInteger(value));
  if (index >= 0) throw new FileError(path, `expected integers within ±2^53 but element ${index} is ${values[index]}`);
}

/** Fortran order to C order, for any number of dimensions. */
function toRows(values: Float64Array, shape: readonly number[]): Float64Array {
  const strides = shape.map((_, dimension) => shape.slice(0, dimension).reduce((product, size) => product * size, 1));
  return values.map((_, position) => {
    let rest = position;
    let from = 0;
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      from += (rest % shape[dimension]!) * strides[dimension]!;
      rest = Math.floor(rest / shape[dimension]!);
    }
    return values[from]!;
  });
}
