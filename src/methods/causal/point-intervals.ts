import { bleuDraws } from "./bleu-draws.js";
import { type Intervals, percentiles, type Resampling, SentenceBootstrap } from "./bootstrap.js";
import type { MeasuredSpan } from "./measure.js";
import { type MetricName, numbersOf } from "./metric.js";
import type { MeasuredSentences } from "./sentence-sums.js";

/** The sets of one point of a curve, by the numbers of their ablations. */
export interface Point {
  readonly top: number;
  readonly bottom: number;
  readonly draws: readonly number[];
}

/** The intervals of a curve's points. */
export interface CurveIntervals extends Resampling {
  readonly top: PointsBetween;
  /** Of the mean over the random sets. */
  readonly random: PointsBetween;
  readonly bottom: PointsBetween;
}

export interface PointsBetween {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Keeps what each set did to every sentence, and finds the intervals of the metric at each point. */
export class PointIntervals {
  readonly #sums: Float64Array[] = [];
  readonly #others: Float64Array[] = [];

  constructor(
    readonly points: readonly Point[],
    readonly metric: MetricName,
    readonly seed: number,
  ) {}

  take({ numbers, own }: MeasuredSpan): void {
    const width = numbersOf(this.metric) * own.sentences.ids.length;
    for (const [row, number] of numbers.entries()) {
      this.#sums[number] = own.sums.slice(row * width, (row + 1) * width);
      if (own.others) this.#others[number] = own.others.slice(row * width, (row + 1) * width);
    }
  }

  /** Nothing where fewer than two sentences have the metric. */
  own({ counts }: MeasuredSentences): { intervals?: CurveIntervals } {
    return this.#intervals(this.#sums, counts);
  }

  /** Of the metric over the rows that lack its concept. */
  others({ otherCounts }: MeasuredSentences): { intervals?: CurveIntervals } {
    return otherCounts ? this.#intervals(this.#others, otherCounts) : {};
  }

  #intervals(sums: readonly Float64Array[], counts: Float64Array): { intervals?: CurveIntervals } {
    const bootstrap = new SentenceBootstrap(counts, this.seed);
    const { resampling } = bootstrap;
    if (!resampling) return {};
    const of = (setsOf: (point: Point) => readonly number[]) => {
      const rows = (rowOf: (number: number) => Float64Array) =>
        sideBySide(this.points.map((point) => meanOf(setsOf(point).map(rowOf))));
      if (this.metric === "bleu") return listed(percentiles(rows((number) => bleuDraws(bootstrap, sums[number]!))));
      return listed(bootstrap.intervals(rows((number) => sums[number]!)));
    };
    const intervals = {
      ...resampling,
      top: of(({ top }) => [top]),
      random: of(({ draws }) => draws),
      bottom: of(({ bottom }) => [bottom]),
    };
    return { intervals };
  }
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  return rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
}

function sideBySide(rows: readonly Float64Array[]): Float64Array {
  const width = rows[0]!.length;
  const all = new Float64Array(rows.length * width);
  for (const [i, row] of rows.entries()) all.set(row, i * width);
  return all;
}

function listed({ low, high }: Intervals): PointsBetween {
  return { low: [...low], high: [...high] };
}
