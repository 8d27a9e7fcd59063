import type { Interactions } from "../methods/causal/interactions.js";
import { strongestPairs } from "../methods/causal/strongest-pairs.js";
import { unitName } from "../methods/causal/unit-name.js";
import type { Ranking } from "../methods/result.js";
import { intervalText } from "./interval-text.js";

/** The strongest interactions of a ranking by damage: what two units do together beyond the sum of what they do alone. */
export function interactionLines(ranking: Ranking & { readonly interactions?: Interactions }): string[] {
  const { interactions, sites } = ranking;
  if (!interactions) return [];
  const { order, effects, intervals } = interactions;
  const name = (unit: number) => unitName(sites, order[unit]!);
  const pairs = strongestPairs(interactions, 5).map(({ first, second, place }) => {
    const between = intervals ? `  ${intervalText(intervals, place)}` : "";
    return { names: `${name(first)} × ${name(second)}`, effect: `${effects[place]!.toPrecision(5)}${between}` };
  });
  const width = Math.max(...pairs.map(({ names }) => names.length));
  const lines = pairs.map(({ names, effect }) => `  ${names.padEnd(width)}  ${effect}`);
  return [`  two at a time, beyond the sum of each alone:`, ...lines];
}
