import { FileError } from "../core/errors.js";
import { widenBrainHalves, widenHalves } from "../core/halves.js";
import { openForReading, readExactly } from "../core/reading.js";
import type { TensorEntry } from "./safetensors.js";

/**
 * Reads a tensor of real numbers as float32; float16 and bfloat16 are widened, exactly.
 *
 * @param into at least as many elements as the tensor has
 * @throws FileError for a tensor of another type, or a file that became shorter
 */
export async function readTensor(entry: TensorEntry, into: Float32Array): Promise<void> {
  const raw = rawArray(entry, into);
  const file = await openForReading(entry.path);
  try {
    await readExactly(file, entry.path, raw, entry.byteOffset);
  } finally {
    await file.close();
  }
  if (entry.type === "F16" && raw instanceof Uint16Array) widenHalves(raw, into);
  if (entry.type === "BF16" && raw instanceof Uint16Array) widenBrainHalves(raw, into);
}

/** How many numbers a tensor has. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function rawArray(entry: TensorEntry, into: Float32Array): Float32Array | Uint16Array {
  const elements = elementsOf(entry.shape);
  if (entry.type === "F32") return into.subarray(0, elements);
  if (entry.type === "F16" || entry.type === "BF16") return new Uint16Array(elements);
  const problem = `Expected float32, float16 or bfloat16 for tensor ${entry.name} but it is ${entry.type}`;
  throw new FileError(entry.path, problem, `byte ${entry.byteOffset}`);
}
