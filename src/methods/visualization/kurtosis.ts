import type { ActivationSource } from "../../activations/source.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

/** Ranks neurons by excess kurtosis, m₄ / m₂² − 3: 0 for a normal distribution and for a constant. One pass. */
export function kurtosis(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<Ranking & { readonly mean: Float64Array }> {
  return rankMoments("kurtosis", source, options, context, ({ kurtosis, mean }) => ({ scores: kurtosis, mean }));
}
