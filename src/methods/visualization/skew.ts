import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

/** `skewness` keeps the sign that the score leaves out: above 0 a neuron's long tail is that of large values. */
export type SkewRanking = Ranking & { readonly skewness: Float64Array };

/** Ranks neurons by |m₃ / m₂^1.5|, with the signed value beside; a constant neuron has 0. One pass. */
export async function skew(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<SkewRanking> {
  checkOptions("skew", options, []);
  return await rankMoments("skew", source, options, context, ({ skewness }) => ({
    scores: skewness.map(Math.abs),
    skewness,
  }));
}
