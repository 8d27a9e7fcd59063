import { hash, hashText, random } from "../../core/random.js";
import type { MethodContext } from "../result.js";
import { LeadingNGrams } from "./leading-n-grams.js";
import type { SearchName } from "./maximization.js";
import { type Target, valuesOf } from "./maximization-targets.js";
import { beam, evolution, randomNGram, type SearchTokens } from "./n-gram-moves.js";
import type { NGramReader } from "./n-gram-reader.js";
import { NGramSearch, type Scored } from "./n-gram-search.js";

/** What is read, for what, and how. */
export interface Reading {
  readonly reader: NGramReader;
  readonly targets: readonly Target[];
  /** −1 where small values are looked for: what is searched is the largest of sign · value. */
  readonly sign: 1 | -1;
  readonly context: MethodContext;
}

export interface SearchOptions {
  readonly search: SearchName;
  readonly length: number;
  readonly evaluations: number;
  readonly restarts: number;
  readonly seed: number;
}

/** The most n-grams, or tokens, to which a target answers most that are kept. */
const leadingCount = 1024;

/** Reads n-grams once for all targets. */
export async function leadingOf(
  reading: Reading,
  nGrams: readonly Uint32Array[],
  what: string,
): Promise<LeadingNGrams[]> {
  const leading = reading.targets.map(() => new LeadingNGrams(leadingCount));
  await eachValue(reading, nGrams, what, (target, n, value) => leading[target]!.add(nGrams[n]!, value));
  return leading;
}

/** The searches of a target; the first goes on from the corpus' best n-grams, where there are some. */
export function searchesOf(
  { neurons }: Target,
  tokens: SearchTokens,
  fromCorpus: readonly Scored[],
  { search, length, evaluations, restarts, seed }: SearchOptions,
): NGramSearch[] {
  const drawn = hashText(neurons.join());
  return Array.from({ length: restarts }, (_, restart) => {
    const uniform = random(hash(seed, drawn, restart));
    const moves = { evolution, beam }[search](tokens, uniform);
    const first = () => randomNGram(length, tokens, uniform);
    return new NGramSearch(restart === 0 ? fromCorpus : [], first, moves, evaluations);
  });
}

/** Goes on with all searches of all targets side by side, a batch of new n-grams of each at a time, until all have ended. */
export async function runSearches(reading: Reading, searches: readonly (readonly NGramSearch[])[]): Promise<void> {
  const all = searches.flatMap((own, target) => own.map((search) => ({ search, target })));
  const budget = all.reduce((sum, { search }) => sum + search.budget, 0);
  const { onProgress, signal } = reading.context;
  for (let under = all; under.length > 0; ) {
    const rounds = under.map((one) => ({ ...one, proposed: one.search.propose() })).filter(({ proposed }) => proposed.length > 0); // biome-ignore format: one line
    await readRounds({ ...reading, context: signal ? { signal } : {} }, rounds);
    under = rounds;
    const done = all.reduce((sum, { search }) => sum + search.evaluations, 0);
    onProgress?.(under.length > 0 ? done : budget, budget, "n-grams searched");
  }
}

interface Round {
  readonly search: NGramSearch;
  readonly target: number;
  readonly proposed: readonly Uint32Array[];
}

/** Reads what several searches propose, each n-gram once, and tells each search its target's values. */
async function readRounds(reading: Reading, rounds: readonly Round[]): Promise<void> {
  const places = new Map<string, number>();
  const nGrams: Uint32Array[] = [];
  const asked = rounds.map(({ proposed }) =>
    proposed.map((ids) => {
      const key = ids.join();
      const place = places.get(key) ?? nGrams.push(ids) - 1;
      places.set(key, place);
      return place;
    }),
  );
  const values = reading.targets.map(() => new Float64Array(nGrams.length));
  await eachValue(reading, nGrams, "n-grams searched", (target, n, value) => {
    values[target]![n] = value;
  });
  rounds.forEach(({ search, target, proposed }, i) => {
    search.take(proposed, asked[i]!.map((place) => values[target]![place]!)); // biome-ignore format: one line
  });
}

/** Reads n-grams and hands out sign · value of every target for each. */
async function eachValue(
  { reader, targets, sign, context }: Reading,
  nGrams: readonly Uint32Array[],
  what: string,
  take: (target: number, nGram: number, value: number) => void,
): Promise<void> {
  await reader.each(
    nGrams,
    (values, first, rows) => {
      targets.forEach((target, i) => {
        valuesOf(values, rows, target).forEach((value, row) => {
          take(i, first + row, sign * value);
        });
      });
      context.onProgress?.(first + rows, nGrams.length, what);
    },
    context.signal,
  );
}
