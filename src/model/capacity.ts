/** The most of everything that a plan can take; a plan is recorded for capacities and runs smaller batches too. */
export interface Capacity {
  readonly tokens: number;
  readonly sequences: number;
  /** Rows that attention takes as a sequence: those, and texts whose copies share rows. */
  readonly runs: number;
  readonly longest: number;
  /** The same of what an encoder-decoder's encoder reads; 0 for other networks. */
  readonly sourceTokens: number;
  readonly sources: number;
  readonly longestSource: number;
  /** Of the texts that a batch holds copies of; 0 where it holds none. */
  readonly textTokens: number;
  readonly texts: number;
  /** Columns of which each row of the copies has one changed at most; 0 where their product is not made of the texts'. */
  readonly neurons: number;
  /** Rows of the captured matrix. */
  readonly rows: number;
  /** Tokens with a target. */
  readonly targets: number;
  /** Entries, listed columns and vector elements of the intervention table. */
  readonly entries: number;
  readonly listed: number;
  /** Heads of copies that take the place of their texts', one entry each. */
  readonly headEntries: number;
  readonly vectors: number;
}

/** The next capacity: 0, or 16 · 2ⁱ or 24 · 2ⁱ, so that few plans serve batches of many sizes. */
export function roundUp(count: number): number {
  if (count === 0) return 0;
  let power = 16;
  while (power < count) power *= 2;
  return power * 0.75 >= count && power > 16 ? power * 0.75 : power;
}

const longestNames: ReadonlySet<string> = new Set<keyof Capacity>(["longest", "longestSource"]);

/** The same for time steps: one step has plans of its own, as texts are often continued token by token. */
function roundSteps(count: number): number {
  return count === 1 ? 1 : roundUp(count);
}

/** Rounds every capacity up. */
export function roundCapacity(need: Capacity): Capacity {
  const rounded = Object.entries(need).map(([name, count]) => [
    name,
    longestNames.has(name) ? roundSteps(count) : roundUp(count),
  ]);
  return Object.fromEntries(rounded) as Record<keyof Capacity, number>;
}

/**
 * Whether a plan of capacity `have` takes `need`, and is not much too large: four times as many tokens, or, where
 * every time step is a part of the plan, twice as many steps.
 */
export function fits(have: Capacity, need: Capacity, stepwise: boolean): boolean {
  const enough = (Object.keys(need) as (keyof Capacity)[]).every((key) => have[key] >= need[key]);
  const near = (key: keyof Capacity, factor: number) => have[key] <= factor * roundUp(need[key]);
  const steps =
    !stepwise || (nearSteps(have.longest, need.longest) && nearSteps(have.longestSource, need.longestSource));
  return enough && steps && near("tokens", 4) && near("sourceTokens", 4);
}

function nearSteps(have: number, need: number): boolean {
  return have <= 2 * roundSteps(need);
}
