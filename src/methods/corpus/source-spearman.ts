import type { ActivationSource } from "../../activations/source.js";
import type { Device } from "../../device/device.js";
import { sortedValues } from "../../kernels/sort.js";
import type { MethodContext } from "../result.js";
import { sortedColumns } from "./sorted-columns.js";

/** How every neuron of a source follows a number of its rows. */
export interface Correlations {
  /** Spearman's ρ, tied values at their mean rank, in [−1, 1]; 0 where the neuron is constant. */
  readonly rho: Float64Array;
  /** Pearson's r², of a linear fit. */
  readonly r2: Float64Array;
}

/** @param numbers one a row; rows with NaN are left out */
export async function sourceCorrelations(
  source: ActivationSource,
  device: Device,
  numbers: Float64Array,
  context: MethodContext,
): Promise<Correlations> {
  const { rows, columns } = source;
  const found = { rho: new Float64Array(columns), r2: new Float64Array(columns) };
  const ranks = centred(meanRanks(numbers));
  const targets = centred(numbers);
  for await (const run of sortedColumns(source, device, "rank correlation", context)) {
    const pairs = await run.pairs();
    for (let i = 0; i < run.count; i++) {
      const own = pairs.subarray(2 * i * rows, 2 * (i + 1) * rows);
      const column = knownOf(own, numbers);
      found.rho[run.first + i] = correlation(ranks, column.rows, tiedRanks(column.values));
      found.r2[run.first + i] = correlation(targets, column.rows, column.values) ** 2;
    }
  }
  return found;
}

/** Rows of a column that have a number, by ascending value. */
function knownOf(pairs: Uint32Array, numbers: Float64Array): { rows: Uint32Array; values: Float64Array } {
  const all = sortedValues(pairs);
  const rows = new Uint32Array(all.length);
  const values = new Float64Array(all.length);
  let count = 0;
  for (let place = all.length - 1; place >= 0; place--) {
    const row = pairs[2 * place]!;
    if (Number.isNaN(numbers[row]!)) continue;
    rows[count] = row;
    values[count++] = all[place]!;
  }
  return { rows: rows.subarray(0, count), values: values.subarray(0, count) };
}

/** The ranks of ascending values, from 0, ties at their mean. */
function tiedRanks(ascending: Float64Array): Float64Array {
  const ranks = new Float64Array(ascending.length);
  for (let start = 0; start < ascending.length; ) {
    let end = start + 1;
    while (end < ascending.length && ascending[end] === ascending[start]) end++;
    ranks.fill((start + end - 1) / 2, start, end);
    start = end;
  }
  return ranks;
}

/** The rank of every number; NaN stays. */
function meanRanks(numbers: Float64Array): Float64Array {
  const known = Uint32Array.from(numbers.keys()).filter((row) => !Number.isNaN(numbers[row]!));
  const order = known.sort((a, b) => numbers[a]! - numbers[b]!);
  const tied = tiedRanks(Float64Array.from(order, (row) => numbers[row]!));
  const ranks = new Float64Array(numbers.length).fill(Number.NaN);
  order.forEach((row, place) => {
    ranks[row] = tied[place]!;
  });
  return ranks;
}

/** Numbers less their mean, with length 1; 0 where all are the same. */
function centred(numbers: Float64Array): Float64Array {
  const known = numbers.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const length = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return numbers.map((value) => (length === 0 ? 0 * value : (value - mean) / length));
}

/** Pearson's r of values at rows with a centred target of length 1. */
function correlation(target: Float64Array, rows: Uint32Array, values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let [product, square] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! - mean;
    product += target[rows[i]!]! * value;
    square += value * value;
  }
  return square === 0 ? 0 : Math.max(-1, Math.min(1, product / Math.sqrt(square)));
}
