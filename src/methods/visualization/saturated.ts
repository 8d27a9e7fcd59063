import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankAll } from "./rank-all.js";
import { sharesAbove } from "./shares-above.js";

/** The shares of rows on which a gate is open (> .9) and closed (< .1). */
export type SaturatedRanking = Ranking & { readonly high: Float64Array; readonly low: Float64Array };

/** Largest float32 below fround(.1): a float32 is above it exactly where it is not below .1. */
const belowTenth = 0.09999999403953552;

/**
 * Ranks gates by the share of rows on which they are saturated: above .9 or below .1 (Karpathy et al. 2015). Made for
 * `gate` sites, whose values lie in [0, 1]. Two passes.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function saturated(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<SaturatedRanking> {
  checkOptions("saturated", options, []);
  return await rankAll("saturated", source, options, {}, async (device) => {
    const high = await sharesAbove(source, device, { threshold: 0.9 }, context);
    const low = (await sharesAbove(source, device, { threshold: belowTenth }, context)).map((share) => 1 - share);
    return { scores: high.map((share, column) => share + low[column]!), high, low };
  });
}
