import { type BitMatrix, turnBits } from "../../core/bits.js";
import { ArgumentError } from "../../core/errors.js";
import { random } from "../../core/random.js";
import type { Device } from "../../device/device.js";
import type { MethodContext } from "../result.js";
import { countShared, type MaskCounts } from "./mask-counts.js";
import { adjust, chanceOf } from "./mask-measures.js";
import type { SourceMasks } from "./source-masks.js";

/** How likely as much overlap is by chance, columns × classes, each in (0, 1]. */
export type MaskSignificance = {
  /** (1 + permutations with at least as many shared rows) / (1 + permutations), of each neuron and class alone. */
  readonly p: Float64Array;
  /** p with the false discovery rate of all neurons and classes controlled (Benjamini and Hochberg 1995). */
  readonly q: Float64Array;
  /** The same as p of the adjusted IoU against each permutation's largest of all neurons and classes (Westfall and Young 1993). */
  readonly familywise: Float64Array;
};

/** What a test of masks takes. */
export interface Permutations {
  readonly count: number;
  readonly seed: number;
}

/**
 * Tests the overlap of masks and classes by permutations that turn all masks in a circle through the corpus, by one
 * seeded number of rows: mask sizes, runs of neighbouring rows and what neurons have in common stay as they are.
 */
export async function testMasks(
  device: Device,
  made: SourceMasks,
  classes: BitMatrix,
  counts: MaskCounts,
  { count, seed }: Permutations,
  context: MethodContext,
): Promise<MaskSignificance> {
  const { both, rows } = counts;
  const columns = both.length / classes.rows;
  const uniform = random(seed);
  const reached = new Uint32Array(both.length);
  const largest = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    context.signal?.throwIfAborted();
    const turned = turnBits(classes, 1 + Math.floor(uniform() * (rows - 1)));
    const shared = await countShared(device, columns, made, turned);
    for (let j = 0; j < shared.length; j++) if (shared[j]! >= both[j]!) reached[j]!++;
    largest[i] = largestAdjusted(shared, counts);
    context.onProgress?.(i + 1, count, "permutations");
  }
  const p = Float64Array.from(reached, (times) => (1 + times) / (1 + count));
  return { p, q: falseDiscoveryRates(p), familywise: familywise(counts, largest.sort()) };
}

/** @throws ArgumentError for what is no number of permutations of so many rows */
export function checkPermutations(count: number, rows: number): void {
  if (!Number.isSafeInteger(count) || count < 1) throw new ArgumentError("permutations", "a positive integer", count);
  if (rows < 2) throw new ArgumentError("permutations", "at least two rows to permute", rows);
}

function adjustedAt({ masks, classes, rows }: MaskCounts, shared: number, i: number): number {
  const [mask, size] = [masks[i]!, classes[i % classes.length]!];
  return adjust(shared / (mask + size - shared), chanceOf(mask, size, rows));
}

function largestAdjusted(shared: Uint32Array, counts: MaskCounts): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < shared.length; i++) largest = Math.max(largest, adjustedAt(counts, shared[i]!, i));
  return largest;
}

/** @param largest of every permutation, ascending */
function familywise(counts: MaskCounts, largest: Float64Array): Float64Array {
  return Float64Array.from(counts.both, (shared, i) => {
    const own = adjustedAt(counts, shared, i);
    return (1 + largest.length - countBelow(largest, own)) / (1 + largest.length);
  });
}

function countBelow(ascending: Float64Array, value: number): number {
  let [from, to] = [0, ascending.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (ascending[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The least false discovery rate at which each of some p-values is still a discovery. */
function falseDiscoveryRates(p: Float64Array): Float64Array {
  const ascending = p.slice().sort();
  const rates = new Map<number, number>();
  let least = 1;
  for (let i = ascending.length - 1; i >= 0; i--) {
    least = Math.min(least, (ascending[i]! * ascending.length) / (i + 1));
    rates.set(ascending[i]!, least);
  }
  return p.map((value) => rates.get(value)!);
}
