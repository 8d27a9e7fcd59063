import { bleuDraws } from "./bleu-draws.js";
import { percentiles, SentenceBootstrap, type SentenceIntervals } from "./bootstrap.js";
import type { MeasuredSpan } from "./measure.js";
import { damage, type MetricName } from "./metric.js";

/** Gathers the intervals of damages while a sweep goes on: each draw compares the same sentences with and without a unit. */
export class DamageIntervals {
  /** Null where fewer than two sentences have the metric. */
  own: SentenceIntervals | null = null;
  /** Of the damage to the rows that lack the metric's concept. */
  others: SentenceIntervals | null = null;

  constructor(
    readonly units: number,
    readonly metric: MetricName,
    readonly seed: number,
  ) {}

  take({ numbers, own, untouched }: MeasuredSpan): void {
    const { counts, otherCounts } = own.sentences;
    this.own = this.#add(this.own, numbers, own.sums, untouched.sums, counts);
    if (otherCounts) this.others = this.#add(this.others, numbers, own.others!, untouched.others!, otherCounts);
  }

  #add(
    to: SentenceIntervals | null,
    numbers: Uint32Array,
    sums: Float64Array,
    before: Float64Array,
    counts: Float64Array,
  ): SentenceIntervals | null {
    const bootstrap = new SentenceBootstrap(counts, this.seed);
    const { resampling } = bootstrap;
    if (!resampling || numbers.length === 0) return to;
    const change = (drawn: Float64Array, untouched: Float64Array) =>
      drawn.map((value, i) => damage(this.metric, untouched[i % untouched.length]!, value));
    const { low, high } =
      this.metric === "bleu"
        ? percentiles(change(bleuDraws(bootstrap, sums), bleuDraws(bootstrap, before)))
        : bootstrap.intervals(change(sums, before));
    const all = to ?? { ...resampling, low: new Float64Array(this.units), high: new Float64Array(this.units) };
    for (const [i, number] of numbers.entries()) {
      all.low[number] = low[i]!;
      all.high[number] = high[i]!;
    }
    return all;
  }
}
