import { FileError } from "./errors.js";

/**
 * The .npy format: `\x93NUMPY`, version, header length (2 bytes in version 1, 4 later), a Python dict with
 * `descr`, `fortran_order` and `shape`, then the numbers. The header is pure ASCII that ends in a line end.
 */
export interface NpyHeader {
  readonly type: NpyType;
  readonly endian: "little" | "big";
  /** `rows`: the last index runs fastest (C order). `columns`: the first does (Fortran order). */
  readonly order: "rows" | "columns";
  readonly shape: readonly number[];
  readonly elements: number;
  /** The byte at which the numbers start. */
  readonly dataOffset: number;
}

/** Element types as .npy files name them: a letter and the bytes of one element. */
export type NpyType = keyof typeof NPY_BYTES;

/** Bytes of one element. */
export const NPY_BYTES = {
  f2: 2,
  f4: 4,
  f8: 8,
  i1: 1,
  i2: 2,
  i4: 4,
  i8: 8,
  u1: 1,
  u2: 2,
  u4: 4,
  u8: 8,
  b1: 1,
} as const;

/** Bytes that `npyHeaderBytes` needs to see. */
export const NPY_PREFIX_BYTES = 12;

/** Where the numbers of a file start, from its first 12 bytes. @throws FileError if it is no .npy file */
export function npyHeaderBytes(prefix: Uint8Array, path: string): number {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (prefix.length < NPY_PREFIX_BYTES || magic.some((byte, i) => prefix[i] !== byte)) {
    throw new FileError(path, "is not a .npy file: it does not start with \\x93NUMPY and a header");
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.length);
  const version = prefix[6]!;
  if (version === 1) return 10 + view.getUint16(8, true);
  if (version === 2 || version === 3) return 12 + view.getUint32(8, true);
  throw new FileError(path, `expected version 1, 2 or 3 of the .npy format but it is version ${version}`, "byte 6");
}

/**
 * Reads a header, from bytes that hold all of it.
 *
 * @throws FileError for strings, objects, structures, dates and complex numbers, and for a damaged header
 */
export function parseNpyHeader(bytes: Uint8Array, path: string): NpyHeader {
  const dataOffset = npyHeaderBytes(bytes, path);
  if (bytes.length < dataOffset) {
    throw new FileError(path, `is cut short: its header takes ${dataOffset} bytes but it has ${bytes.length}`);
  }
  const text = new TextDecoder("latin1").decode(bytes.subarray(npyTextStart(bytes), dataOffset));
  const shape = parseShape(text, path);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(elements)) throw damaged(path, "shape", `(${shape.join(", ")})`);
  return { ...parseType(text, path), order: parseOrder(text, path), shape, elements, dataOffset };
}

/** The header of a little-endian array in C order, padded so that the numbers start at a multiple of 64 bytes. */
export function npyHeader(type: NpyType, shape: readonly number[]): Uint8Array {
  const endian = NPY_BYTES[type] === 1 ? "|" : "<";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${endian}${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const bytes = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(bytes);
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (bytes - 10) & 255, (bytes - 10) >>> 8]);
  header.set(new TextEncoder().encode(`${text.padEnd(bytes - 11)}\n`), 10);
  return header;
}

function npyTextStart(bytes: Uint8Array): number {
  return bytes[6] === 1 ? 10 : 12;
}

function parseType(text: string, path: string): Pick<NpyHeader, "type" | "endian"> {
  if (/'descr'\s*:\s*\[/.test(text)) throw unsupported(path, "structures with named fields");
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  if (descr === undefined) throw damaged(path, "descr", text.trim());
  const [, mark, type] = /^([<>|=]?)([a-zA-Z]\d*)/.exec(descr) ?? [];
  const kind = KINDS[type?.[0] as keyof typeof KINDS];
  if (kind) throw unsupported(path, kind);
  if (type === undefined || !Object.hasOwn(NPY_BYTES, type)) throw unsupported(path, `elements of type ${descr}`);
  return { type: type as NpyType, endian: mark === ">" ? "big" : "little" };
}

const KINDS = {
  U: "strings",
  S: "strings",
  a: "strings",
  O: "pickled Python objects",
  c: "complex numbers",
  M: "dates",
  m: "durations",
  V: "structures without a numeric type",
} as const;

function parseOrder(text: string, path: string): NpyHeader["order"] {
  const value = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  if (value === undefined) throw damaged(path, "fortran_order", text.trim());
  return value === "True" ? "columns" : "rows";
}

function parseShape(text: string, path: string): number[] {
  const inside = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(text)?.[1];
  if (inside === undefined) throw damaged(path, "shape", text.trim());
  const sizes = inside.split(",").map((size) => size.trim().replace(/L$/, ""));
  if (sizes.at(-1) === "") sizes.pop();
  if (sizes.some((size) => !/^\d+$/.test(size))) throw damaged(path, "shape", `(${inside})`);
  return sizes.map(Number);
}

function unsupported(path: string, what: string): FileError {
  return new FileError(path, `expected an array of numbers or booleans but it holds ${what}`);
}

function damaged(path: string, key: string, received: string): FileError {
  return new FileError(path, `expected a .npy header with a valid ${key} but received ${received.slice(0, 200)}`);
}
