import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankMoments } from "./rank-moments.js";

export interface SparsityOptions extends MethodOptions {
  /** A neuron speaks where it lies above this (default 0). */
  readonly threshold?: number;
}

/** `above` is the share of rows on which a neuron speaks. */
export type SparsityRanking = Ranking & { readonly above: Float64Array };

/**
 * Ranks neurons by sparsity: the share of rows on which they do not lie above a threshold, so that the neuron that
 * speaks least comes first. One pass.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function sparsity(
  source: ActivationSource,
  options: SparsityOptions = {},
  context: MethodContext = {},
): Promise<SparsityRanking> {
  checkOptions("sparsity", options, ["threshold"]);
  const { threshold = 0 } = options;
  if (!Number.isFinite(threshold)) throw new ArgumentError("threshold", "a finite number", threshold);
  return await rankMoments(
    "sparsity",
    source,
    options,
    context,
    ({ above, rows }) => ({
      scores: above.map((count) => 1 - count / rows),
      above: above.map((count) => count / rows),
    }),
    { named: { threshold }, bounds: { high: threshold } },
  );
}
