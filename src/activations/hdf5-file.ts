import type { Dataset, File as Hdf5File } from "h5wasm/node";
import { FileError } from "../core/errors.js";
import { widenHalves } from "../core/halves.js";
import { openForReading, readExactly } from "../core/reading.js";

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Opens an HDF5 file for reading; close it. @throws FileError if it is missing or no HDF5 file */
export async function openHdf5(path: string): Promise<Hdf5File> {
  const file = await openForReading(path);
  try {
    const start = new Uint8Array(Math.min(SIGNATURE.length, (await file.stat()).size));
    await readExactly(file, path, start, 0);
    if (SIGNATURE.some((byte, i) => start[i] !== byte)) throw new FileError(path, "is not an HDF5 file");
  } finally {
    await file.close();
  }
  const { File, ready } = await import("h5wasm/node");
  await ready;
  return new File(path, "r");
}

/** Opens an HDF5 file for as long as `use` runs. */
export async function withHdf5<Result>(path: string, use: (file: Hdf5File) => Result): Promise<Result> {
  const file = await openHdf5(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/** A dataset of floating-point numbers, row-major. @throws FileError for any other */
export async function readFloats(path: string, file: Hdf5File, name: string): Promise<Float32Array> {
  const dataset = file.get(name) as Dataset;
  const { type, size, total_size: elements, littleEndian } = dataset.metadata;
  if (type === FLOAT && size === 2 && littleEndian) return readHalves(file, dataset, elements);
  const value = type === FLOAT && (size === 4 || size === 8) ? dataset.value : null;
  if (value instanceof Float32Array) return value;
  if (value instanceof Float64Array) return Float32Array.from(value);
  throw new FileError(path, `expected float16, float32 or float64 numbers for dataset ${name}`);
}

/** HDF5's class of floating-point types. */
const FLOAT = 1;

/** The high-level reader knows no float16, the library below it reads the bytes. */
async function readHalves(file: Hdf5File, dataset: Dataset, elements: number): Promise<Float32Array> {
  const { ready } = await import("h5wasm/node");
  const library = await ready;
  const pointer = library._malloc(elements * 2);
  try {
    library.get_dataset_data(file.file_id, dataset.path, null, null, null, BigInt(pointer));
    const bytes = library.HEAPU8.slice(pointer, pointer + elements * 2);
    const values = new Float32Array(elements);
    widenHalves(new Uint16Array(bytes.buffer), values);
    return values;
  } finally {
    library._free(pointer);
  }
}
