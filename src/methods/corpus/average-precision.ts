import { zeroBelow } from "../../activations/mapped-source.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { checkKnown } from "../../core/suggest.js";
import { checkOptions } from "../check-options.js";
import { type ConceptScores, rankByConcept } from "../concept-ranking.js";
import { conceptsOf } from "../method-concept.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import type { BasisControl, SidedScores } from "./basis-control.js";
import type { Responses } from "./concept-responses.js";
import { controlConcepts } from "./control-targets.js";
import { countExperts, type ExpertCounts } from "./expert-counts.js";
import { listedExperts } from "./listed-experts.js";
import { sourceAveragePrecision, sourceExperts } from "./source-average-precision.js";

export interface AveragePrecisionOptions extends MethodOptions {
  /** Instead of `concept`: those of several keys, `upos,feats,form:2000` (src/corpus/vocabulary.ts). */
  readonly concepts?: string | readonly string[];
  /** `both` (default): the larger of AP(a) and AP(−a), with its sign in `signs`; `positive`: AP(a), as the authors do. */
  readonly direction?: "both" | "positive";
  /** `suau`: the authors' `direction: "positive"`; `neurox`: the same, with activations nearer to 0 than .05 taken as 0. */
  readonly compat?: "suau" | "neurox";
  /** Beside the best neuron of every site and value: a random rotation's and the difference of means (src/methods/corpus/basis-control.ts). */
  readonly controls?: boolean;
  /**
   * Every value of `concept` is scored over the rows of its own list only: those whose key `within` is called as the value is,
   * such as `list` of a folder of concept files (src/corpus/concept-list.ts).
   */
  readonly within?: string;
}

/** Numbers of every neuron and value: its responses, and with `direction: "both"` its side, by large values (1) or small ones (−1). */
type Beside = Responses & { readonly signs?: Int8Array };

export type AveragePrecisionRanking = Ranking &
  Beside &
  ConceptScores<Beside> & { readonly experts: ExpertCounts; readonly controls?: readonly BasisControl[] };

const sides = ["both", "positive"] as const;
const compats = ["suau", "neurox"] as const;

/**
 * Ranks neurons by their average precision for a concept, or for thousands (Suau et al. 2020): AP = Σ (R_k − R_{k−1}) P_k
 * over a neuron's distinct activations, tied ones as one threshold.
 *
 * All neurons and all values of the concept from one sort of each neuron, in both directions. Beside each AP stand the
 * median and 90th percentile over the concept's rows (`on_p50`, `on_p90`) and the mean over the others (`off_mean`), of
 * activations as they are; `experts` counts neurons by their AP. A source is read once for every 224 MiB of its columns.
 *
 * Differences that remain from the authors' code (`suau`): it also takes the maximum over a sentence's padding, up to a fixed
 * length, whose activations follow from that length alone, and leaves longer sentences out; `max` here is over the sentence.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function averagePrecision(
  source: ActivationSource,
  options: AveragePrecisionOptions,
  context: MethodContext = {},
): Promise<AveragePrecisionRanking> {
  checkOptions("average-precision", options, ["concept", "concepts", "direction", "compat", "controls", "within"]);
  const { compat, controls, within, seed = 0 } = options;
  if (within !== undefined && controls) throw new ArgumentError("controls", "none beside within", controls);
  const direction = directionOf(options);
  const concept = conceptsOf(source, options);
  const read = compat === "neurox" ? zeroBelow(source, authorsLeast) : source;
  return await onDevice(options.device ?? source.device, async (device) => {
    const { positive, negative, responses } = within
      ? await listedExperts(read, device, concept, within, context)
      : await sourceExperts(read, device, concept.masks(), context);
    const scores = direction === "both" ? positive.map((score, i) => Math.max(score, negative[i]!)) : positive;
    const signs = Int8Array.from(positive, (score, i) => (score >= negative[i]! ? 1 : -1));
    const beside: Beside = direction === "both" ? { signs, ...responses } : responses;
    return {
      kind: "ranking",
      method: "average-precision",
      concept: concept.name,
      sites: source.sites,
      ...rankByConcept(concept, scores, beside),
      experts: countExperts(source.sites, concept.classes, scores),
      ...(controls && {
        controls: await controlConcepts(
          { source: read, device, seed, context },
          concept,
          async (rows, concepts) => sided(await sourceAveragePrecision(rows, device, concepts, context), direction),
          (share) => share,
        ),
      }),
      options: { direction, ...(compat && { compat }), ...(controls && { controls }), ...(within && { within }) },
      provenance: await provenanceOf(source, device, seed),
    };
  });
}

function sided({ positive, negative }: SidedScores, direction: "both" | "positive"): SidedScores {
  return { positive, negative: direction === "both" ? negative : null };
}

/** NeuroX takes activations nearer to 0 than this as 0. */
const authorsLeast = 0.05;

function directionOf({ direction, compat }: AveragePrecisionOptions): "both" | "positive" {
  if (direction !== undefined) checkKnown("direction", direction, sides);
  if (compat === undefined) return direction ?? "both";
  checkKnown("compat", compat, compats);
  if (direction === "both") throw new ArgumentError("direction", `positive beside compat ${compat}`, direction);
  return "positive";
}
