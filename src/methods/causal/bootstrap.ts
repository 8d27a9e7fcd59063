import { quantileOfSorted } from "../../activations/neuron-values.js";
import { random } from "../../core/random.js";

/** Intervals that hold 95 % of the bootstrap's means, one for each thing that was measured. */
export interface Intervals {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** What results say of their intervals. */
export interface SentenceIntervals extends Intervals, Resampling {}

/** How intervals were found. */
export interface Resampling {
  /** The share of the resamples between `low` and `high`. */
  readonly level: number;
  readonly resamples: number;
  /** Sentences that are drawn from. */
  readonly sentences: number;
}

const level = 0.95;
export const bootstrapResamples = 1000;

/**
 * Percentile bootstrap over sentences (Efron 1979): all sentences are drawn anew with replacement, a thousand times, and a
 * mean is Σ sums / Σ counts of the drawn ones. All rows see the same draws. Sentences that count nothing are never drawn.
 */
export class SentenceBootstrap {
  readonly #drawn: Uint32Array;
  readonly #counts: Float64Array;
  readonly #seed: number;

  /** @param counts values that each sentence adds to a mean */
  constructor(counts: Float64Array, seed: number) {
    this.#counts = counts;
    this.#drawn = Uint32Array.from(counts.keys()).filter((sentence) => counts[sentence]! > 0);
    this.#seed = seed;
  }

  /** What results say of the intervals; null where fewer than two sentences can be drawn, which have none. */
  get resampling(): Resampling | null {
    const sentences = this.#drawn.length;
    return sentences < 2 ? null : { level, resamples: bootstrapResamples, sentences };
  }

  /**
   * @param sums rows × sentences
   * @returns the interval of each row's mean
   */
  intervals(sums: Float64Array): Intervals {
    return percentiles(this.resampled(sums));
  }

  /**
   * @param sums rows × sentences
   * @param over `values`: means over what the drawn sentences count; `nothing`: sums over them
   * @returns rows × resamples
   */
  resampled(sums: Float64Array, over: "values" | "nothing" = "values"): Float64Array {
    const width = this.#counts.length;
    const rows = sums.length / width;
    const means = new Float64Array(rows * bootstrapResamples);
    const uniform = random(this.#seed);
    const weights = new Float64Array(width);
    for (let resample = 0; resample < bootstrapResamples; resample++) {
      const drawn = this.#draw(weights, uniform);
      const count = over === "values" ? drawn : 1;
      const at = (row: number) => row * bootstrapResamples + resample;
      let row = 0;
      for (; row + 4 <= rows; row += 4) {
        const four = weightedSums(sums, row * width, weights);
        for (let i = 0; i < 4; i++) means[at(row + i)] = four[i]! / count;
      }
      for (; row < rows; row++) means[at(row)] = weightedSum(sums, row * width, weights) / count;
    }
    return means;
  }

  /** Says how often each sentence is drawn, and returns how many values the drawn ones have. */
  #draw(weights: Float64Array, uniform: () => number): number {
    weights.fill(0);
    let count = 0;
    for (let draw = 0; draw < this.#drawn.length; draw++) {
      const sentence = this.#drawn[Math.floor(uniform() * this.#drawn.length)]!;
      weights[sentence]!++;
      count += this.#counts[sentence]!;
    }
    return count;
  }
}

/** Σ weights · row of four rows, which one look at the weights serves. */
function weightedSums(rows: Float64Array, first: number, weights: Float64Array): [number, number, number, number] {
  const width = weights.length;
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let s = 0, at = first; s < width; s++, at++) {
    const weight = weights[s]!;
    a += weight * rows[at]!;
    b += weight * rows[at + width]!;
    c += weight * rows[at + 2 * width]!;
    d += weight * rows[at + 3 * width]!;
  }
  return [a, b, c, d];
}

function weightedSum(rows: Float64Array, first: number, weights: Float64Array): number {
  let sum = 0;
  for (let s = 0; s < weights.length; s++) sum += weights[s]! * rows[first + s]!;
  return sum;
}

/** The intervals that hold 95 % of each row, which are sorted in place. @param means rows × resamples */
export function percentiles(means: Float64Array): Intervals {
  const rows = means.length / bootstrapResamples;
  const [low, high] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const own = means.subarray(row * bootstrapResamples, (row + 1) * bootstrapResamples).sort();
    low[row] = quantileOfSorted(own, (1 - level) / 2);
    high[row] = quantileOfSorted(own, (1 + level) / 2);
  }
  return { low, high };
}
