import type { ActivationSource } from "../../activations/source.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

/** Ranks neurons by their population variance; a constant neuron has 0. `mean` stands beside. One pass. */
export function variance(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<Ranking & { readonly mean: Float64Array }> {
  return rankMoments("variance", source, options, context, ({ variance, mean }) => ({ scores: variance, mean }));
}
