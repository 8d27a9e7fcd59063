import { accumulate } from "../../activations/accumulate.js";
import { moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankAll } from "./rank-all.js";
import { sharesAbove } from "./shares-above.js";

/** `dead[column]` is 1 where a neuron never leaves its least value. */
export type DeadRanking = Ranking & { readonly dead: Int8Array };

/**
 * Ranks neurons by the share of rows on which they stand at their least value: 1 for a dead one, which is constant
 * (after a ReLU: never above 0), and 1 / rows for one that moves all the time. Two passes.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function dead(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<DeadRanking> {
  checkOptions("dead", options, []);
  return await rankAll("dead", source, options, {}, async (device) => {
    const { minimum, variance } = await accumulate(source, device, moments(), context);
    await refuseNonFinite(source, variance, context);
    const moving = await sharesAbove(source, device, { threshold: minimum }, context);
    return { scores: moving.map((share) => 1 - share), dead: Int8Array.from(moving, (share) => (share === 0 ? 1 : 0)) };
  });
}
