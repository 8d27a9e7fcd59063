import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { checkKnown } from "../../core/suggest.js";
import type { Concept } from "../../corpus/concepts.js";
import type { Device } from "../../device/device.js";
import { checkOptions } from "../check-options.js";
import { bestClasses, type ConceptScores, rankByConcept } from "../concept-ranking.js";
import { conceptOf } from "../method-concept.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";
import { countMasks, countMatchedMasks, type MaskCounts } from "./mask-counts.js";

export interface IouOptions extends MethodOptions {
  /** A neuron's mask is where it lies above this (default 0), or above the value that makes it as large as the concept. */
  readonly threshold?: number | "match" | `${number}`;
  /** Instead of a threshold: a neuron's mask is where it lies above its (1 − α) quantile. */
  readonly quantile?: number;
  /** `mu-andreas`: a neuron whose mask has fewer than 500 rows scores 0. */
  readonly compat?: "mu-andreas";
}

/** What stands beside every IoU: what base rates alone give, the most they allow, and (IoU − chance)/(1 − chance). */
type Beside = {
  readonly chance: Float64Array;
  readonly ceiling: Float64Array;
  readonly adjusted: Float64Array;
};

/** For a KEY with many values, `bestAdjusted` is the value with the largest adjusted IoU: `best` follows base rates. */
export type IouRanking = Ranking & Beside & ConceptScores<Beside> & { readonly bestAdjusted?: readonly string[] };

/** The authors' least number of rows of a mask. */
const leastRows = 500;

/**
 * Ranks neurons by the intersection over union of their masks with a concept (Mu and Andreas 2020).
 *
 * Beside each IoU stand, with p and q the shares of rows of mask and concept, `chance` = pq/(p + q − pq), `ceiling` =
 * min(p, q)/max(p, q) (every class has a row) and `adjusted` = (IoU − chance)/(1 − chance) (0 where chance is 1).
 * One pass with a threshold, five with a quantile, for all neurons and all values. Memory: a bit per activation.
 *
 * @throws ArgumentError that names row and neuron of a NaN
 */
export async function iou(
  source: ActivationSource,
  options: IouOptions,
  context: MethodContext = {},
): Promise<IouRanking> {
  checkOptions("iou", options, ["concept", "threshold", "quantile", "compat"]);
  const { threshold, quantile, compat, seed = 0 } = options;
  if (threshold !== undefined && quantile !== undefined) {
    throw new ArgumentError("quantile", "nothing beside threshold", quantile);
  }
  if (compat !== undefined) checkKnown("compat", compat, ["mu-andreas"]);
  const concept = conceptOf(source, options.concept);
  return await onDevice(options.device ?? source.device, async (device) => {
    const counts = await countConcepts(source, device, concept, options, context);
    const found = measure(counts, compat === undefined ? 0 : leastRows);
    const { scores, ...beside } = found;
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
      options: { ...cutOf(options), ...(compat && { compat }) },
      provenance: await provenanceOf(source, device, seed),
    };
  });
}

async function countConcepts(
  source: ActivationSource,
  device: Device,
  concept: Concept,
  { threshold = 0, quantile }: IouOptions,
  context: MethodContext,
): Promise<MaskCounts> {
  const classes = concept.masks();
  if (threshold === "match") return await countMatchedMasks(source, device, classes, context);
  const cut = quantile === undefined ? { threshold: numberOf(threshold) } : { quantile };
  return await countMasks(source, device, classes, cut, context);
}

/** The cut as results name it. */
function cutOf({ threshold = 0, quantile }: IouOptions): Readonly<Record<string, unknown>> {
  if (quantile !== undefined) return { quantile };
  return { threshold: threshold === "match" ? threshold : numberOf(threshold) };
}

function numberOf(threshold: number | string): number {
  if (threshold !== "" && Number.isFinite(Number(threshold))) return Number(threshold);
  throw new ArgumentError("threshold", "a finite number or match", threshold);
}

function measure({ both, masks, classes, rows }: MaskCounts, least: number): Beside & Pick<Ranking, "scores"> {
  const [scores, chance, ceiling, adjusted] = [0, 1, 2, 3].map(() => new Float64Array(both.length)) as Four;
  for (let i = 0; i < both.length; i++) {
    const mask = masks[i]!;
    const size = classes[i % classes.length]!;
    scores[i] = mask < least ? 0 : both[i]! / (mask + size - both[i]!);
    const p = mask / rows;
    const q = size / rows;
    chance[i] = (p * q) / (p + q - p * q);
    ceiling[i] = Math.min(p, q) / Math.max(p, q);
    adjusted[i] = chance[i] === 1 ? 0 : (scores[i]! - chance[i]!) / (1 - chance[i]!);
  }
  return { scores, chance, ceiling, adjusted };
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];
