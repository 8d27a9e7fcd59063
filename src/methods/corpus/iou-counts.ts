import type { ActivationSource } from "../../activations/source.js";
import type { Concept } from "../../corpus/concepts.js";
import type { Device } from "../../device/device.js";
import type { MethodContext } from "../result.js";
import { checkMaskOptions, chosenMasks, expectAlone, type MaskOptions } from "./chosen-masks.js";
import { countMasks, countMatchedMasks, type MaskCounts } from "./mask-counts.js";
import type { NamedCut } from "./mask-file.js";
import { checkPermutations, type MaskSignificance, testMasks } from "./mask-significance.js";

/** How the masks that concepts are compared with are made, kept and tested. */
export interface CountOptions extends MaskOptions {
  /** Tests every IoU by so many permutations. */
  readonly permutations?: number;
  readonly seed?: number;
}

export interface ConceptCounts {
  readonly counts: MaskCounts;
  readonly significance: MaskSignificance | null;
  /** What the masks were cut by. */
  readonly cut: NamedCut;
}

/** @throws ArgumentError for options that exclude each other */
export function checkCounts({ rows }: ActivationSource, options: CountOptions): void {
  const { threshold, masksOut, permutations } = options;
  if (permutations !== undefined) checkPermutations(permutations, rows);
  if (threshold === "match") {
    expectAlone("permutations", "threshold match", permutations);
    expectAlone("masksOut", "threshold match", masksOut);
  }
  checkMaskOptions(options);
}

/** Counts the masks of all neurons against all values of a concept. */
export async function countConcepts(
  source: ActivationSource,
  device: Device,
  concept: Concept,
  options: CountOptions,
  context: MethodContext,
): Promise<ConceptCounts> {
  const { permutations, threshold, seed = 0 } = options;
  const classes = concept.masks();
  if (threshold === "match") {
    const counts = await countMatchedMasks(source, device, classes, context);
    return { counts, significance: null, cut: { threshold } };
  }
  using made = await chosenMasks(source, device, options, context);
  const { cut } = made;
  const counts = await countMasks(device, source.columns, made, classes);
  if (permutations === undefined) return { counts, significance: null, cut };
  const permuted = { count: permutations, seed };
  return { counts, significance: await testMasks(device, made, classes, counts, permuted, context), cut };
}
