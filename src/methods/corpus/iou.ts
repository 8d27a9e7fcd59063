import type { ActivationSource } from "../../activations/source.js";
import type { BitMatrix } from "../../core/bits.js";
import { expectWritable } from "../../core/files.js";
import { checkKnown } from "../../core/suggest.js";
import type { Concept } from "../../corpus/concepts.js";
import { checkOptions } from "../check-options.js";
import { bestClasses, type ConceptScores, rankByConcept } from "../concept-ranking.js";
import { conceptsOf } from "../method-concept.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import type { BasisControl, ControlPlace } from "./basis-control.js";
import { controlConcepts } from "./control-targets.js";
import { type CountOptions, checkCounts, countConcepts } from "./iou-counts.js";
import { countMatchedMasks } from "./mask-counts.js";
import { chanceOf, type MaskMeasures, measureMasks } from "./mask-measures.js";
import type { MaskSignificance } from "./mask-significance.js";

export interface IouOptions extends MethodOptions, CountOptions {
  /** `mu-andreas`: a neuron whose mask has fewer than 500 rows scores 0. */
  readonly compat?: "mu-andreas";
  /** Instead of `concept`: those of several keys, `upos,feats,form:2000` (src/corpus/vocabulary.ts). */
  readonly concepts?: string | readonly string[];
  /**
   * Beside the best neuron of every site and value: a random rotation's and the difference of means, all with masks as
   * large as the value's, since other cuts say nothing about a direction (src/methods/corpus/basis-control.ts).
   */
  readonly controls?: boolean;
}

type Beside = Omit<MaskMeasures, "scores"> & Partial<MaskSignificance>;

/** For many values, `bestAdjusted` is the value with the largest adjusted IoU: `best` follows base rates. */
export type IouRanking = Ranking &
  Beside &
  ConceptScores<Beside> & { readonly bestAdjusted?: readonly string[]; readonly controls?: readonly BasisControl[] };

/** The authors' least number of rows of a mask. */
const leastRows = 500;

/**
 * Ranks neurons by the intersection over union of their masks with a concept, or with thousands (Mu and Andreas 2020).
 *
 * Beside each IoU stand `chance`, `ceiling`, `adjusted`, `precision`, `recall` and `phi` (src/methods/corpus/mask-measures.ts),
 * and with `permutations` `p`, `q` and `familywise` (src/methods/corpus/mask-significance.ts). One pass with a threshold,
 * five with a quantile, one sort of every neuron with `match`, for all neurons and all values. Memory: a bit per
 * activation, and eight bytes per number, neuron and value.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function iou(
  source: ActivationSource,
  options: IouOptions,
  context: MethodContext = {},
): Promise<IouRanking> {
  checkIou(source, options);
  const { compat, permutations, controls, seed = 0 } = options;
  const concept = conceptsOf(source, options);
  if (options.masksOut !== undefined) await expectWritable(options.masksOut);
  return await onDevice(options.device ?? source.device, async (device) => {
    const { counts, significance, cut } = await countConcepts(source, device, concept, options, context);
    const { scores, ...measures } = measureMasks(counts, compat === undefined ? 0 : leastRows);
    const beside: Beside = { ...measures, ...significance };
    const many = concept.name.value === null;
    return {
      kind: "ranking",
      method: "iou",
      concept: concept.name,
      sites: source.sites,
      ...rankByConcept(concept, scores, beside),
      ...(many && {
        bestAdjusted: Array.from(bestClasses(beside.adjusted, concept.classes.length), (i) => concept.classes[i]!),
      }),
      ...(controls && { controls: await controlsOf({ source, device, seed, context }, concept) }),
      options: {
        ...cut,
        ...(compat && { compat }),
        ...(permutations && { permutations }),
        ...(controls && { controls }),
      },
      provenance: await provenanceOf(source, device, seed),
    };
  });
}

function checkIou(source: ActivationSource, options: IouOptions): void {
  const own = ["concept", "concepts", "threshold", "quantile", "masks", "masksOut"];
  checkOptions("iou", options, [...own, "permutations", "compat", "controls"]);
  checkCounts(source, options);
  if (options.compat !== undefined) checkKnown("compat", options.compat, ["mu-andreas"]);
}

async function controlsOf(place: ControlPlace, concept: Concept): Promise<BasisControl[]> {
  const { device, context } = place;
  const score = async (rows: ActivationSource, classes: BitMatrix) => {
    const { scores } = measureMasks(await countMatchedMasks(rows, device, classes, context), 0);
    return { positive: scores, negative: null };
  };
  return await controlConcepts(place, concept, score, (share) => chanceOf(share, share, 1));
}
