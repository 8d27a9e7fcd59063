import { ArgumentError } from "../../core/errors.js";
import type { Model } from "../../model/model.js";
import { ablationOf, type Preparation } from "./ablate.js";
import { SentenceBootstrap, type SentenceIntervals } from "./bootstrap.js";
import { type MeasuredSpan, type MeasureOptions, measureAblations } from "./measure.js";
import { damage, type MetricName } from "./metric.js";
import type { SweepOperations } from "./sweep-operations.js";
import type { Units } from "./units.js";

/** What two units do together beyond what they do alone. */
export interface Interactions {
  /** The units, as columns of the ranking: the first of its order. */
  readonly order: Uint32Array;
  /**
   * Units × units, symmetric, 0 on the diagonal: damage of both − the sum of their damages. Above 0 the one makes up for the
   * loss of the other; below 0 they do the same thing, or one works through the other.
   */
  readonly effects: Float64Array;
  /** Of each effect, by drawing the sentences anew; left out where only one sentence has the metric. */
  readonly intervals?: SentenceIntervals;
  readonly operations: SweepOperations;
}

/** @throws ArgumentError unless it is a number of units that can be paired */
export function checkTop(top: number, units: number): void {
  if (Number.isInteger(top) && top >= 2 && top <= units) return;
  throw new ArgumentError("pairs", `an integer from 2 to ${units}`, top);
}

/**
 * Ablates every two of some units together, and each alone, and compares the damage on the same sentences.
 *
 * @param ranked the units by damage; the first `top` are paired
 */
export async function measureInteractions(
  model: Model,
  { sites, members }: Units,
  { passages, replacement }: Preparation,
  ranked: Uint32Array,
  top: number,
  options: MeasureOptions & { readonly seed: number },
): Promise<Interactions> {
  const order = ranked.slice(0, top);
  const ablations = Array.from(order, (column) => ablationOf(sites, members[column]!, replacement));
  const singles: Float64Array[] = [];
  const alone = await measureAblations(model, passages, ablations, {
    ...options,
    part: "units of pairs alone",
    take({ numbers, own, untouched }) {
      for (const [row, number] of numbers.entries())
        singles[number] = damages(options.metric, own.sums, untouched.sums, row);
    },
  });
  const pairs = [...order.keys()].flatMap((i) => [...order.keys()].slice(i + 1).map((j) => [i, j] as const));
  const table = new EffectTable(pairs, singles, options);
  const both = pairs.map(([i, j]) => ablationOf(sites, unionOf(members[order[i]!]!, members[order[j]!]!), replacement)); // biome-ignore format: one line
  const together = await measureAblations(model, passages, both, {
    ...options,
    part: "pairs",
    take: (span) => table.take(span),
  });
  const [sweep, wholePasses] = (["sweep", "wholePasses"] as const).map((cost) => alone.operations[cost] + together.operations[cost]); // biome-ignore format: one line
  const { effects, intervals } = table;
  return { order, effects, ...(intervals && { intervals }), operations: { sweep: sweep!, wholePasses: wholePasses! } }; // biome-ignore format: one line
}

/** Columns that either has, each once: groups may share some. */
function unionOf(a: Uint32Array, b: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set([...a, ...b])).sort();
}

/** The damage of one ablation to the sum over each sentence. */
function damages(metric: MetricName, sums: Float64Array, before: Float64Array, row: number): Float64Array {
  const width = before.length;
  return before.map((value, sentence) => damage(metric, value, sums[row * width + sentence]!));
}

/** Fills the table of effects while the pairs are measured. */
class EffectTable {
  readonly effects: Float64Array;
  intervals: SentenceIntervals | null = null;
  readonly #units: number;

  constructor(
    readonly pairs: readonly (readonly [number, number])[],
    readonly singles: readonly Float64Array[],
    readonly options: MeasureOptions & { readonly seed: number },
  ) {
    this.#units = singles.length;
    this.effects = new Float64Array(this.#units ** 2);
  }

  take({ numbers, own, untouched }: MeasuredSpan): void {
    if (numbers.length === 0) return;
    const { counts } = own.sentences;
    const width = counts.length;
    const count = counts.reduce((sum, value) => sum + value, 0);
    const bySentence = new Float64Array(numbers.length * width);
    for (const [row, number] of numbers.entries()) {
      const [i, j] = this.pairs[number]!;
      const both = damages(this.options.metric, own.sums, untouched.sums, row);
      const beyond = both.map((value, s) => value - this.singles[i]![s]! - this.singles[j]![s]!);
      bySentence.set(beyond, row * width);
      this.#set(this.effects, number, beyond.reduce((sum, value) => sum + value, 0) / count); // biome-ignore format: one line
    }
    const bootstrap = new SentenceBootstrap(counts, this.options.seed);
    const { resampling } = bootstrap;
    if (!resampling) return;
    const { low, high } = bootstrap.intervals(bySentence);
    const size = this.#units ** 2;
    this.intervals ??= { ...resampling, low: new Float64Array(size), high: new Float64Array(size) };
    for (const [row, number] of numbers.entries()) {
      this.#set(this.intervals.low, number, low[row]!);
      this.#set(this.intervals.high, number, high[row]!);
    }
  }

  #set(table: Float64Array, pair: number, value: number): void {
    const [i, j] = this.pairs[pair]!;
    table[i * this.#units + j] = value;
    table[j * this.#units + i] = value;
  }
}
