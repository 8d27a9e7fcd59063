import type { ActivationSource } from "../../activations/source.js";
import { type BitMatrix, wordsPerRow } from "../../core/bits.js";
import type { Device } from "../../device/device.js";
import { columnRuns } from "../column-runs.js";
import type { MethodContext } from "../result.js";

/**
 * For every neuron the threshold that makes its mask as large as one concept: the concept whose IoU, adjusted for chance,
 * is largest when each is compared with a mask of its own size. Equal values are on or off together, so that a mask may
 * be smaller.
 */
export async function matchedThresholds(
  source: ActivationSource,
  device: Device,
  concepts: BitMatrix,
  context: MethodContext,
): Promise<Float32Array> {
  const { rows, columns } = source;
  const members = rowsOf(concepts);
  const thresholds = new Float32Array(columns);
  for await (const { buffer, first, count } of columnRuns(source, device, context)) {
    const x = await device.download(buffer, new Float32Array(count * rows));
    for (let i = 0; i < count; i++) {
      if (i % 64 === 0) context.signal?.throwIfAborted();
      thresholds[first + i] = matchedThreshold(x.subarray(i * rows, (i + 1) * rows), members);
    }
    context.onProgress?.(first + count, columns, "matching masks");
  }
  return thresholds;
}

/** @param members the rows of each concept, some and not all */
function matchedThreshold(values: Float32Array, members: readonly Uint32Array[]): number {
  const sorted = values.slice().sort();
  const rows = values.length;
  let [best, threshold] = [Number.NEGATIVE_INFINITY, sorted[rows - 1]!];
  for (const member of members) {
    const limit = sorted[rows - 1 - member.length]!;
    let both = 0;
    for (let i = 0; i < member.length; i++) if (values[member[i]!]! > limit) both++;
    const adjusted = adjustedIou(both, countAbove(sorted, limit), member.length, rows);
    if (adjusted > best) [best, threshold] = [adjusted, limit];
  }
  return threshold;
}

function adjustedIou(both: number, mask: number, size: number, rows: number): number {
  const [p, q] = [mask / rows, size / rows];
  const chance = (p * q) / (p + q - p * q);
  return chance === 1 ? 0 : (both / (mask + size - both) - chance) / (1 - chance);
}

/** How many of ascending values lie above a limit. */
function countAbove(sorted: Float32Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}

function rowsOf({ bits, rows, columns }: BitMatrix): Uint32Array[] {
  const words = wordsPerRow(columns);
  return Array.from({ length: rows }, (_, concept) => {
    const found: number[] = [];
    for (let w = 0; w < words; w++) {
      for (let left = bits[concept * words + w]!; left !== 0; left &= left - 1) {
        found.push(w * 32 + 31 - Math.clz32(left & -left));
      }
    }
    return Uint32Array.from(found);
  });
}
