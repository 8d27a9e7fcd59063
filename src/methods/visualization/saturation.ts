import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

/** The shares of rows on which a gate is open (> .9) and closed (< .1). */
export type SaturationRanking = Ranking & { readonly high: Float64Array; readonly low: Float64Array };

/**
 * Ranks gates by the share of rows on which they are saturated: above .9 or below .1 (Karpathy et al. 2015). Made for
 * `gate` sites, whose values lie in [0, 1]. One pass.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function saturation(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<SaturationRanking> {
  checkOptions("saturation", options, []);
  const bounds = { low: 0.1, high: 0.9 };
  return await rankMoments(
    "saturation",
    source,
    options,
    context,
    ({ above, below, rows }) => ({
      scores: above.map((count, column) => (count + below[column]!) / rows),
      high: above.map((count) => count / rows),
      low: below.map((count) => count / rows),
    }),
    { bounds },
  );
}
