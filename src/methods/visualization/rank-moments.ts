import { accumulate } from "../../activations/accumulate.js";
import { type ColumnMoments, moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { checkOptions } from "../check-options.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankAll } from "./rank-all.js";

/**
 * Ranks neurons by a moment of their activations, in one pass.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function rankMoments<Fields extends { readonly scores: Float64Array }>(
  method: string,
  source: ActivationSource,
  options: MethodOptions,
  context: MethodContext,
  find: (columns: ColumnMoments) => Fields,
): Promise<Ranking & Fields> {
  checkOptions(method, options, []);
  return await rankAll(method, source, options, {}, async (device) => {
    const columns = await accumulate(source, device, moments(), context);
    await refuseNonFinite(source, columns.variance, context);
    return find(columns);
  });
}
