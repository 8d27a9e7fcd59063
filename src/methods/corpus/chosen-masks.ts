import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import type { Device } from "../../device/device.js";
import type { MethodContext } from "../result.js";
import { type NamedCut, readMasks, writeMasks } from "./mask-file.js";
import { type SourceMasks, sourceMasks } from "./source-masks.js";

/** How the masks of neurons are made, and kept. */
export interface MaskOptions {
  /** A neuron's mask is where it lies above this (default 0); `match`: as large as what it is compared with. */
  readonly threshold?: number | "match" | `${number}`;
  /** Instead of a threshold: a neuron's mask is where it lies above its (1 − α) quantile. */
  readonly quantile?: number;
  /** Instead of both: a file that `masksOut` wrote. */
  readonly masks?: string;
  /** Where the masks are kept (src/methods/corpus/mask-file.ts says how they lie there). */
  readonly masksOut?: string;
}

/** @throws ArgumentError for options that exclude each other, and for a threshold that is none */
export function checkMaskOptions({ threshold, quantile, masks, masksOut }: MaskOptions): void {
  if (threshold !== undefined) expectAlone("quantile", "threshold", quantile);
  if (threshold !== undefined && threshold !== "match") numberOf(threshold);
  if (masks === undefined) return;
  expectAlone("threshold", "masks", threshold);
  expectAlone("quantile", "masks", quantile);
  expectAlone("masksOut", "masks", masksOut);
}

/** @throws ArgumentError for a value that is given though another excludes it */
export function expectAlone(name: string, beside: string, value: unknown): void {
  if (value !== undefined) throw new ArgumentError(name, `nothing beside ${beside}`, value);
}

/**
 * The masks that options ask for, read from their file or made, and kept where that is asked for.
 *
 * @param match the threshold of every neuron where `threshold` is `match`
 * @throws FileError for a mask file of other rows, ArgumentError that names row and neuron of a NaN
 */
export async function chosenMasks(
  source: ActivationSource,
  device: Device,
  options: MaskOptions,
  context: MethodContext,
  match: () => Promise<Float32Array> = noMatch,
): Promise<SourceMasks & { readonly cut: NamedCut }> {
  if (options.masks !== undefined) return await readMasks(options.masks, source, device);
  const { threshold = 0, quantile, masksOut } = options;
  const cut =
    quantile !== undefined ? { quantile } : threshold === "match" ? { threshold } : { threshold: numberOf(threshold) };
  const made = await sourceMasks(
    source,
    device,
    "threshold" in cut ? { threshold: cut.threshold === "match" ? await match() : cut.threshold } : cut,
    context,
  );
  const chosen = { buffer: made.buffer, words: made.words, cut, [Symbol.dispose]: () => made[Symbol.dispose]() };
  if (masksOut === undefined) return chosen;
  try {
    await writeMasks(masksOut, source, device, made, cut, context.signal);
    return chosen;
  } catch (error) {
    made[Symbol.dispose]();
    throw error;
  }
}

async function noMatch(): Promise<never> {
  throw new ArgumentError("threshold", "a finite number", "match");
}

function numberOf(threshold: number | string): number {
  const text = String(threshold);
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  throw new ArgumentError("threshold", "a finite number or match", threshold);
}
