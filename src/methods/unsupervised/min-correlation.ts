import type { MethodContext } from "../result.js";
import { type MatchOptions, type MatchRanking, rankByMatches, type Sources } from "./matching.js";

/**
 * Ranks the neurons of the first source by MinCorr (Bau et al. 2019): the least over all other sources of their largest
 * |r| with a neuron of that source. The matching neurons and signed r stand in `matches`. A constant neuron scores 0.
 *
 * @throws ArgumentError for sources of other rows or another corpus, and naming row and neuron of a NaN
 */
export function minCorrelation(
  sources: Sources,
  options: MatchOptions = {},
  context: MethodContext = {},
): Promise<MatchRanking> {
  return rankByMatches("min-correlation", sources, options, context, Math.min);
}
