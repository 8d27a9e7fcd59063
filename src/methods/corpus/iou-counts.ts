import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import type { Concept } from "../../corpus/concepts.js";
import type { Device } from "../../device/device.js";
import type { MethodContext } from "../result.js";
import { countMasks, countMatchedMasks, type MaskCounts } from "./mask-counts.js";
import { type NamedCut, readMasks, writeMasks } from "./mask-file.js";
import { checkPermutations, type MaskSignificance, testMasks } from "./mask-significance.js";
import { type SourceMasks, sourceMasks } from "./source-masks.js";

/** How the masks that concepts are compared with are made, kept and tested. */
export interface CountOptions {
  /** A neuron's mask is where it lies above this (default 0), or above the value that makes it as large as the concept. */
  readonly threshold?: number | "match" | `${number}`;
  /** Instead of a threshold: a neuron's mask is where it lies above its (1 − α) quantile. */
  readonly quantile?: number;
  /** Instead of both: a file that `masksOut` wrote. */
  readonly masks?: string;
  /** Where the masks are kept (src/methods/corpus/mask-file.ts says how they lie there). */
  readonly masksOut?: string;
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
  const { threshold, quantile, masks, masksOut, permutations } = options;
  const only = (name: string, beside: string, value: unknown) => {
    if (value !== undefined) throw new ArgumentError(name, `nothing beside ${beside}`, value);
  };
  if (threshold !== undefined) only("quantile", "threshold", quantile);
  if (permutations !== undefined) checkPermutations(permutations, rows);
  if (threshold === "match") {
    only("permutations", "threshold match", permutations);
    only("masksOut", "threshold match", masksOut);
  }
  if (masks === undefined) return;
  only("threshold", "masks", threshold);
  only("quantile", "masks", quantile);
  only("masksOut", "masks", masksOut);
}

/** Counts the masks of all neurons against all values of a concept. */
export async function countConcepts(
  source: ActivationSource,
  device: Device,
  concept: Concept,
  options: CountOptions,
  context: MethodContext,
): Promise<ConceptCounts> {
  const { permutations, masksOut, seed = 0 } = options;
  const classes = concept.masks();
  if (options.threshold === "match") {
    const counts = await countMatchedMasks(source, device, classes, context);
    return { counts, significance: null, cut: { threshold: "match" } };
  }
  using made = await masksOf(source, device, options, context);
  const { cut } = made;
  if (masksOut !== undefined) await writeMasks(masksOut, source, device, made, cut, context.signal);
  const counts = await countMasks(device, source.columns, made, classes);
  if (permutations === undefined) return { counts, significance: null, cut };
  const permuted = { count: permutations, seed };
  return { counts, significance: await testMasks(device, made, classes, counts, permuted, context), cut };
}

async function masksOf(
  source: ActivationSource,
  device: Device,
  { threshold = 0, quantile, masks }: CountOptions,
  context: MethodContext,
): Promise<SourceMasks & { readonly cut: NamedCut }> {
  if (masks !== undefined) return await readMasks(masks, source, device);
  const cut = quantile === undefined ? { threshold: numberOf(threshold) } : { quantile };
  const { buffer, words } = await sourceMasks(source, device, cut, context);
  return { buffer, words, cut, [Symbol.dispose]: () => buffer[Symbol.dispose]() };
}

function numberOf(threshold: number | string): number {
  if (threshold !== "" && Number.isFinite(Number(threshold))) return Number(threshold);
  throw new ArgumentError("threshold", "a finite number or match", threshold);
}
