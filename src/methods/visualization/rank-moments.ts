import { accumulate } from "../../activations/accumulate.js";
import { type ColumnMoments, moments } from "../../activations/accumulators/moments.js";
import type { ActivationSource } from "../../activations/source.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { rankAll } from "./rank-all.js";

/** What a method that counts rows outside of bounds adds: the options that its result names, and the bounds. */
interface Counting {
  readonly named?: Readonly<Record<string, unknown>>;
  readonly bounds?: { readonly low?: number; readonly high?: number };
}

/**
 * Ranks neurons by a moment of their activations, or by counts of rows, in one pass.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function rankMoments<Fields extends { readonly scores: Float64Array }>(
  method: string,
  source: ActivationSource,
  options: MethodOptions,
  context: MethodContext,
  find: (columns: ColumnMoments) => Fields,
  { named = {}, bounds = {} }: Counting = {},
): Promise<Ranking & Fields> {
  return await rankAll(method, source, options, named, async (device) => {
    const columns = await accumulate(source, device, moments(bounds), context);
    await refuseNonFinite(source, columns.variance, context);
    return find(columns);
  });
}
