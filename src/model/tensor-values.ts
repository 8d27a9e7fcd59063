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
  const elements = elementsOf(entry.shape);
  const widen = widenerOf(entry);
  const file = await openForReading(entry.path);
  try {
    if (widen === null) return await readExactly(file, entry.path, into.subarray(0, elements), entry.byteOffset);
    const raw = new Uint16Array(Math.min(elements, widenedAtOnce));
    for (let first = 0; first < elements; first += raw.length) {
      const piece = raw.subarray(0, elements - first);
      await readExactly(file, entry.path, piece, entry.byteOffset + 2 * first);
      widen(piece, into.subarray(first, first + piece.length));
    }
  } finally {
    await file.close();
  }
}

/** Halves that are in memory besides the numbers that they become. */
const widenedAtOnce = 2 ** 20;

/** How many numbers a tensor has. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** What makes float32 of a tensor's halves; null where it has float32. */
function widenerOf(entry: TensorEntry): typeof widenBrainHalves | null {
  if (entry.type === "F32") return null;
  if (entry.type === "F16") return widenHalves;
  if (entry.type === "BF16") return widenBrainHalves;
  const problem = `Expected float32, float16 or bfloat16 for tensor ${entry.name} but it is ${entry.type}`;
  throw new FileError(entry.path, problem, `byte ${entry.byteOffset}`);
}
