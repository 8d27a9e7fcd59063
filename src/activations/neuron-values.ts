import { ArgumentError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import type { NeuronRows, NeuronValues } from "../model/interventions.js";
import type { ActivationSource } from "./source.js";

/** A source, or the promise of one: `activations` gives a promise. */
type Source = ActivationSource | Promise<ActivationSource>;

/** Bytes of activations that may lie in memory at once. */
const most = 2 ** 32;

/** The mean of every neuron of a source, for interventions that hold neurons at it. @throws ArgumentError for no rows */
export async function meanOf(source: Source, context: Progress = {}): Promise<NeuronValues> {
  const { sites, mean } = await sumsOf(await source, context);
  return { sites, values: Float32Array.from(mean) };
}

/** The population standard deviation of every neuron, for noise of its size. @throws ArgumentError for no rows */
export async function deviationOf(source: Source, context: Progress = {}): Promise<NeuronValues> {
  const { sites, variance } = await sumsOf(await source, context);
  return { sites, values: Float32Array.from(variance, Math.sqrt) };
}

/**
 * A quantile of every neuron, interpolated linearly between the two values beside it, as numpy does; .5 is the median.
 *
 * @param share in [0, 1]
 * @throws ArgumentError for another share, a source without rows, or one of more than 4 GiB
 */
export async function quantileOf(source: Source, share: number, context: Progress = {}): Promise<NeuronValues> {
  if (!(share >= 0 && share <= 1)) throw new ArgumentError("share", "a number from 0 to 1", share);
  const { sites, values } = await rowsOf(source, context);
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  const own = new Float32Array(values.length / columns);
  const quantiles = Float32Array.from({ length: columns }, (_, column) => {
    for (let row = 0; row < own.length; row++) own[row] = values[row * columns + column]!;
    return quantileOfSorted(own.sort(), share);
  });
  return { sites, values: quantiles };
}

/** All rows of a source in memory, to draw from. @throws ArgumentError for a source without rows, or one of more than 4 GiB */
export async function rowsOf(source: Source, context: Progress = {}): Promise<NeuronRows> {
  const { rows, columns, sites, name } = await source;
  if (rows * columns * 4 > most) {
    throw new ArgumentError("source", `at most ${most} bytes (select fewer sites)`, `${rows * columns * 4} of ${name}`);
  }
  const values = new Float32Array(rows * columns);
  await eachBlock(await source, context, (block, firstRow) => values.set(block, firstRow * columns));
  return { sites, values };
}

/** The value below which a share of some ascending values lies, interpolated linearly. */
export function quantileOfSorted(sorted: Float32Array | Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (above - below) * (place - Math.floor(place));
}

/** Means and variances in float64; the first row is taken off first, which keeps the digits of values far from 0. */
async function sumsOf(source: ActivationSource, context: Progress) {
  const { columns, rows, sites } = source;
  const shift = new Float64Array(columns);
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  await eachBlock(source, context, (block, firstRow) => {
    if (firstRow === 0) shift.set(block.subarray(0, columns));
    for (let start = 0; start < block.length; start += columns) {
      for (let column = 0; column < columns; column++) {
        const value = block[start + column]! - shift[column]!;
        sums[column]! += value;
        squares[column]! += value * value;
      }
    }
  });
  const mean = sums.map((sum, column) => shift[column]! + sum / rows);
  const variance = squares.map((square, column) => Math.max(0, square / rows - (sums[column]! / rows) ** 2));
  return { sites, mean, variance };
}

async function eachBlock(
  source: ActivationSource,
  { signal, onProgress }: Progress,
  take: (values: Float32Array, firstRow: number) => void,
): Promise<void> {
  if (source.rows === 0) throw new ArgumentError("source", "at least one row", source.name);
  for await (const block of source.blocks(signal ? { signal } : {})) {
    take(await block.values(), block.firstRow);
    onProgress?.(block.firstRow + block.rows, source.rows, "rows");
  }
}
