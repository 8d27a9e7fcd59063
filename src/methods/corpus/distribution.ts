import type { ValueRuns } from "../../activations/accumulators/value-distributions.js";
import { ArgumentError } from "../../core/errors.js";

/** How the activations of a neuron are distributed. */
export interface Distribution {
  /** At the shares of `quantileShares`, interpolated linearly between the two values beside each, as numpy does. */
  readonly quantiles: readonly number[];
  /** How many rows lie in each of equally wide bins from the least to the largest value; the last bin has its upper edge. */
  readonly histogram: readonly number[];
}

/** The shares of rows of `Distribution.quantiles`: the least value, the median and the largest among them. */
export const quantileShares = [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] as const;

/** The quantiles and the histogram of one neuron. */
export function describeDistribution(runs: ValueRuns, bins: number): Distribution {
  return { quantiles: quantilesOf(runs, quantileShares), histogram: histogramOf(runs, bins) };
}

/** @throws ArgumentError unless bins is a whole number from 1 on */
export function checkBins(bins: number): void {
  if (!Number.isSafeInteger(bins) || bins < 1) throw new ArgumentError("histogram", "a whole number from 1 on", bins);
}

/** Quantiles at ascending shares. */
export function quantilesOf({ values, counts }: ValueRuns, shares: readonly number[]): number[] {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  let run = 0;
  let before = 0;
  const valueAt = (place: number) => {
    while (before + counts[run]! <= place) before += counts[run++]!;
    return values[run]!;
  };
  return shares.map((share) => {
    const place = share * (rows - 1);
    const [below, part] = [valueAt(Math.floor(place)), place - Math.floor(place)];
    if (part === 0) return below;
    const [atRun, atBefore] = [run, before];
    const above = valueAt(Math.ceil(place));
    [run, before] = [atRun, atBefore];
    return below + (above - below) * part;
  });
}

function histogramOf({ values, counts }: ValueRuns, bins: number): number[] {
  const histogram = new Array<number>(bins).fill(0);
  const least = values[0]!;
  const width = (values.at(-1)! - least) / bins;
  values.forEach((value, i) => {
    const bin = width === 0 ? 0 : Math.min(bins - 1, Math.floor((value - least) / width));
    histogram[bin]! += counts[i]!;
  });
  return histogram;
}
