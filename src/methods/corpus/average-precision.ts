import type { ActivationSource } from "../../activations/source.js";
import { checkKnown } from "../../core/suggest.js";
import { checkOptions } from "../check-options.js";
import { type ConceptScores, rankByConcept } from "../concept-ranking.js";
import { conceptOf } from "../method-concept.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { sourceAveragePrecision } from "./source-average-precision.js";

export interface AveragePrecisionOptions extends MethodOptions {
  /** `both` (default): the larger of AP(a) and AP(−a), with its sign in `signs`; `positive`: AP(a), as the authors do. */
  readonly direction?: "both" | "positive";
}

/** Whether a neuron speaks by large values (1) or by small ones (−1); with `direction: "both"`. */
type Signs = {
  readonly signs: Int8Array;
};

export type AveragePrecisionRanking = Ranking & Partial<Signs> & ConceptScores<Partial<Signs>>;

/**
 * Ranks neurons by their average precision for a concept (Suau et al. 2020): AP = Σ (R_k − R_{k−1}) P_k over a
 * neuron's distinct activations, tied ones as one threshold.
 *
 * All neurons and all values of the concept from one sort of each neuron, in both directions. A source is read once
 * for every 224 MiB of its columns.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function averagePrecision(
  source: ActivationSource,
  options: AveragePrecisionOptions,
  context: MethodContext = {},
): Promise<AveragePrecisionRanking> {
  checkOptions("average-precision", options, ["concept", "direction"]);
  const { direction = "both", seed = 0 } = options;
  checkKnown("direction", direction, ["both", "positive"]);
  const concept = conceptOf(source, options.concept);
  return await onDevice(options.device ?? source.device, async (device) => {
    const { positive, negative } = await sourceAveragePrecision(source, device, concept.masks(), context);
    const scores = direction === "both" ? positive.map((score, i) => Math.max(score, negative[i]!)) : positive;
    const signs = Int8Array.from(positive, (score, i) => (score >= negative[i]! ? 1 : -1));
    return {
      kind: "ranking",
      method: "average-precision",
      concept: concept.name,
      sites: source.sites,
      ...(direction === "both" ? rankByConcept(concept, scores, { signs }) : rankByConcept(concept, scores, {})),
      options: { direction },
      provenance: await provenanceOf(source, device, seed),
    };
  });
}
