import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

/** Ranks neurons by excess kurtosis, m₄ / m₂² − 3: 0 for a normal distribution and for a constant. One pass. */
export async function kurtosis(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<Ranking & { readonly mean: Float64Array }> {
  checkOptions("kurtosis", options, []);
  return await rankMoments("kurtosis", source, options, context, ({ kurtosis, mean }) => ({ scores: kurtosis, mean }));
}
