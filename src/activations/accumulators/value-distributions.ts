import type { Site } from "../../core/sites.js";
import type { Accumulator, AccumulatorFactory, TakenBlock } from "../accumulator.js";
import { checkFinite } from "../finite.js";
import { SketchedValues } from "./sketched-values.js";
import { SortedValues } from "./sorted-values.js";

/** Ascending values of one column, or what stands for them, with how often each occurs. */
export interface ValueRuns {
  readonly values: Float32Array;
  readonly counts: Uint32Array;
}

/** How the values of every column are distributed. */
export interface ValueDistributions {
  /** Ascending; the first and the last are the column's least and largest value, exactly. */
  column(column: number): ValueRuns;
  /** How far a value may lie from the one that stands for it, as a share of its size: 0 or 2⁻⁸. */
  readonly relativeError: number;
}

/** Values of columns as an accumulator keeps them. */
export interface KeptValues extends ValueDistributions {
  add(values: Float32Array): void;
  merge(other: this): void;
}

/** Bytes up to which all values are kept. */
export const residentBytes = 2 ** 30;

/**
 * The distribution of every column in one pass. Up to `most` bytes of activations all values are kept, and it is exact.
 * Above, the values that share sign, exponent and the first seven bits of their mantissa are counted together: what
 * stands for a value is at most 2⁻⁸ of its size away from it (2⁻¹²⁶ for values closer to 0 than that). Memory: 1 KiB for
 * each two binades of a sign in which a column has values, 16 KiB a column usually. Merging is exact.
 *
 * @throws ArgumentError, while it runs, that names the row and the neuron of a number that is not finite
 */
export function valueDistributions(
  sites: readonly Site[],
  most = residentBytes,
): AccumulatorFactory<ValueDistributions> {
  return (_, { columns, rows }) => {
    const kept = rows * columns * 4 <= most ? new SortedValues(columns, rows) : new SketchedValues(columns);
    return new DistributionsAccumulator(kept, sites);
  };
}

class DistributionsAccumulator implements Accumulator<ValueDistributions> {
  readonly needs = "host";

  constructor(
    readonly kept: KeptValues,
    readonly sites: readonly Site[],
  ) {}

  async add({ values, firstRow }: TakenBlock): Promise<void> {
    if (!values) return;
    checkFinite(values, firstRow, this.sites);
    this.kept.add(values);
  }

  async merge(other: this): Promise<void> {
    this.kept.merge(other.kept);
  }

  async finish(): Promise<ValueDistributions> {
    return this.kept;
  }

  [Symbol.dispose](): void {}
}
