import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { classesOf } from "../../corpus/concepts.js";
import { checkOptions } from "../check-options.js";
import type { MethodContext } from "../result.js";
import type { MethodOptions } from "../table.js";
import { type ConditionalVarianceRanking, rankByGroups } from "./conditional-variance.js";

/**
 * Ranks neurons by how well the position in the sentence determines them: their conditional variance given it, however
 * the neuron follows it (Bau et al. 2019). One pass.
 *
 * @throws ArgumentError for a source without sentences, and for a NaN
 */
export async function position(
  source: ActivationSource,
  options: MethodOptions = {},
  context: MethodContext = {},
): Promise<ConditionalVarianceRanking> {
  checkOptions("position", options, []);
  const { table } = source;
  if (!table || table.kind === "sentence") {
    throw new ArgumentError("source", "tokens or words with positions in sentences", source.name);
  }
  const concept = classesOf({ key: "position", value: null }, Array.from(table.position, String));
  return await rankByGroups("position", source, concept, options, context);
}
