import { accumulate, both } from "../../activations/accumulate.js";
import { moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { siteOfColumn } from "../../core/sites.js";
import { checkOptions } from "../check-options.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankAll } from "./rank-all.js";

/** The shares of rows on which a gate is open (> .9) and closed (< .1; a candidate: < −.9). */
export type SaturationRanking = Ranking & { readonly high: Float64Array; readonly low: Float64Array };

/**
 * Ranks gates by the share of rows on which they are saturated: above .9 or below .1 (Karpathy et al. 2015). Made for
 * `gate` sites, whose values lie in [0, 1]; `gate.candidate`, a tanh, is saturated above .9 or below −.9. One pass.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function saturation(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<SaturationRanking> {
  checkOptions("saturation", options, []);
  return await rankAll("saturation", source, options, {}, async (device) => {
    const counts = both(moments({ low: 0.1, high: 0.9 }), moments({ low: -0.9, high: 0.9 }));
    const [gates, candidates] = await accumulate(source, device, counts, context);
    await refuseNonFinite(source, gates.variance, context);
    const isCandidate = (column: number) => siteOfColumn(source.sites, column).name.endsWith("gate.candidate");
    const high = gates.above.map((count) => count / gates.rows);
    const low = gates.below.map(
      (count, column) => (isCandidate(column) ? candidates.below[column]! : count) / gates.rows,
    );
    return { scores: high.map((share, column) => share + low[column]!), high, low };
  });
}
