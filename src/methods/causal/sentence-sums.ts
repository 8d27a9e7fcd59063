import { bleuOf } from "./bleu.js";
import type { BatchSums } from "./measure-batch.js";
import { isOfPairs, type MetricName, metricOfPair, numbersOf, type Tally } from "./metric.js";
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
  /** Ablations × sentences; of BLEU ablations × its numbers × sentences. */
  readonly sums: Float64Array;
  /** The same over the rows that lack the metric's concept; null where the metric is over all. */
  readonly others: Float64Array | null;
  readonly #places: Map<number, number>;
  readonly #numbers: number;

  constructor(
    readonly sentences: MeasuredSentences,
    ablations: number,
    readonly metric: MetricName,
  ) {
    this.#numbers = numbersOf(metric);
    const size = ablations * this.#numbers * sentences.ids.length;
    this.sums = new Float64Array(size);
    this.others = sentences.otherCounts && new Float64Array(size);
    this.#places = placesOf(sentences.ids);
  }

  /** Adds the sums over some passages for some ablations, which are those at `ablations`. */
  add(passages: readonly Passage[], ablations: Uint32Array, { sums, others }: BatchSums): void {
    const places = passages.map(({ sentence }) => this.#places.get(sentence)!);
    for (let i = 0; i < sums.length; i++) {
      const line = Math.floor(i / places.length);
      const row = ablations[Math.floor(line / this.#numbers)]! * this.#numbers + (line % this.#numbers);
      const to = row * this.sentences.ids.length + places[i % places.length]!;
      this.sums[to]! += sums[i]!;
      if (this.others) this.others[to]! += others![i]!;
    }
  }

  /**
   * Turns what was summed, once all sentences are added, into the metric: margins of pairs into what it makes of each, and
   * −ln p into their growth as a share of the untouched model's mean.
   *
   * @param untouched sums of the untouched model as they were before they were settled
   */
  settle(untouched: UntouchedSums): void {
    const { counts, otherCounts } = this.sentences;
    settleSums(this.metric, this.sums, untouched.sums, counts);
    if (this.others) settleSums(this.metric, this.others, untouched.others!, otherCounts!);
  }

  /** The sums of one ablation over all sentences. */
  tally(ablation: number): Tally {
    const { counts, otherCounts } = this.sentences;
    return {
      sum: this.#total(this.sums, ablation, counts),
      count: total(counts),
      otherSum: this.others ? this.#total(this.others, ablation, otherCounts!) : 0,
      otherCount: otherCounts ? total(otherCounts) : 0,
    };
  }

  #total(all: Float64Array, ablation: number, counts: Float64Array): number {
    const width = counts.length;
    const rows = Array.from({ length: this.#numbers }, (_, number) => {
      const first = (ablation * this.#numbers + number) * width;
      return total(all.subarray(first, first + width));
    });
    return this.metric === "bleu" ? bleuOf(rows) * total(counts) : rows[0]!;
  }
}

/** The sums of the untouched model over each sentence. */
export type UntouchedSums = Pick<SentenceSums, "sums" | "others">;

function settleSums(metric: MetricName, sums: Float64Array, untouched: Float64Array, counts: Float64Array): void {
  const width = counts.length;
  if (isOfPairs(metric)) {
    for (let i = 0; i < sums.length; i++) if (counts[i % width]! > 0) sums[i] = metricOfPair(metric, sums[i]!);
  }
  if (metric === "erasure") {
    const mean = total(untouched) / total(counts);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i]! - untouched[i % width]!) / mean;
  }
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
