import type { MethodContext } from "../result.js";
import { type MatchOptions, type MatchRanking, rankByMatches, type Sources } from "./matching.js";

/**
 * Ranks the neurons of the first source by MaxCorr (Bau et al. 2019): the largest over all other sources of their largest
 * |r| with a neuron of that source. The matching neurons and signed r stand in `matches`. A constant neuron scores 0.
 *
 * @throws ArgumentError for sources of other rows or another corpus, and naming row and neuron of a NaN
 */
export function maxCorrelation(
  sources: Sources,
  options: MatchOptions = {},
  context: MethodContext = {},
): Promise<MatchRanking> {
  return rankByMatches("max-correlation", sources, options, context, Math.max);
}
