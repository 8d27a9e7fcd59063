import { neuronName } from "../core/sites.js";
import type { Interactions } from "../methods/causal/interactions.js";
import { strongestPairs } from "../methods/causal/strongest-pairs.js";
import type { Ranking } from "../methods/result.js";
import { intervalText } from "./interval-text.js";

/** The strongest interactions of a ranking by damage: what two units do together beyond the sum of what they do alone. */
export function interactionLines(ranking: Ranking & { readonly interactions?: Interactions }): string[] {
  const { interactions, sites } = ranking;
  if (!interactions) return [];
  const { order, effects, intervals } = interactions;
  const lines = strongestPairs(interactions, 5).map(({ first, second, place }) => {
    const [one, other] = [first, second].map((unit) => neuronName(sites, order[unit]!));
    const between = intervals ? `  ${intervalText(intervals, place)}` : "";
    return `  ${`${one} × ${other}`.padEnd(48)} ${effects[place]!.toPrecision(5)}${between}`;
  });
  return [`  two at a time, beyond the sum of each alone:`, ...lines];
}
