import type { BatchSums } from "./measure-batch.js";
import { isOfPairs, type MetricName, metricOfPair, type Tally } from "./metric.js";
import { type Passage, readRows } from "./passages.js";

/** The sentences that a metric is measured on, and how many values each adds to it, whatever is ablated. */
export interface MeasuredSentences {
  /** Their numbers in the corpus, ascending. */
  readonly ids: Uint32Array;
  readonly counts: Float64Array;
  /** Values of rows that lack the metric's concept; null where the metric is over all. */
  readonly otherCounts: Float64Array | null;
}

/** The sentences of passages; one may have several. */
export function sentencesOf(passages: readonly Passage[], metric: MetricName): MeasuredSentences {
  const ids = Uint32Array.from(new Set(passages.map(({ sentence }) => sentence))).sort();
  const places = placesOf(ids);
  const counts = new Float64Array(ids.length);
  const otherCounts = passages.some(({ focus }) => focus) ? new Float64Array(ids.length) : null;
  for (const passage of passages) {
    const place = places.get(passage.sentence)!;
    const rows = readRows(passage, metric);
    for (const row of isOfPairs(metric) ? rows.slice(0, 1) : rows) {
      const to = passage.focus?.[row] === 0 ? otherCounts! : counts;
      to[place] = isOfPairs(metric) ? 1 : to[place]! + 1;
    }
  }
  return { ids, counts, otherCounts };
}

function placesOf(ids: Uint32Array): Map<number, number> {
  return new Map(Array.from(ids, (id, place) => [id, place]));
}

/** Sums of a metric over each sentence, of several ablations. */
export class SentenceSums {
  /** Ablations × sentences. */
  readonly sums: Float64Array;
  /** The same over the rows that lack the metric's concept; null where the metric is over all. */
  readonly others: Float64Array | null;
  readonly #places: Map<number, number>;

  constructor(
    readonly sentences: MeasuredSentences,
    ablations: number,
  ) {
    const size = ablations * sentences.ids.length;
    this.sums = new Float64Array(size);
    this.others = sentences.otherCounts && new Float64Array(size);
    this.#places = placesOf(sentences.ids);
  }

  /** Adds the sums over some passages for some ablations, the first of which is `first`. */
  add(passages: readonly Passage[], first: number, { sums, others }: BatchSums): void {
    const places = passages.map(({ sentence }) => this.#places.get(sentence)!);
    for (let i = 0; i < sums.length; i++) {
      const ablation = first + Math.floor(i / places.length);
      const to = ablation * this.sentences.ids.length + places[i % places.length]!;
      this.sums[to]! += sums[i]!;
      if (this.others) this.others[to]! += others![i]!;
    }
  }

  /** Turns the margins of pairs, once all their sentences are added, into what the metric makes of each. */
  settle(metric: MetricName): void {
    if (!isOfPairs(metric)) return;
    const { counts, otherCounts } = this.sentences;
    const settle = (sums: Float64Array, of: Float64Array) => {
      for (let i = 0; i < sums.length; i++) if (of[i % of.length]! > 0) sums[i] = metricOfPair(metric, sums[i]!);
    };
    settle(this.sums, counts);
    if (this.others) settle(this.others, otherCounts!);
  }

  /** The sums of one ablation over all sentences. */
  tally(ablation: number): Tally {
    const { ids, counts, otherCounts } = this.sentences;
    const total = (all: Float64Array | null, first = 0) =>
      all ? all.subarray(first, first + ids.length).reduce((sum, value) => sum + value, 0) : 0;
    const first = ablation * ids.length;
    return {
      sum: total(this.sums, first),
      count: total(counts),
      otherSum: total(this.others, first),
      otherCount: total(otherCounts),
    };
  }
}
