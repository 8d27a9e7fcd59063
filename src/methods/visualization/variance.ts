import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

/** Ranks neurons by their population variance; a constant neuron has 0. `mean` stands beside. One pass. */
export async function variance(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<Ranking & { readonly mean: Float64Array }> {
  checkOptions("variance", options, []);
  return await rankMoments("variance", source, options, context, ({ variance, mean }) => ({ scores: variance, mean }));
}
