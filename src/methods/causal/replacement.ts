import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import { checkKnown } from "../../core/suggest.js";
import type { Model } from "../../model/model.js";
import { groupPassages } from "./batches.js";
import type { Passage } from "./passages.js";

/** What an ablated neuron is set to: 0, or its mean over the ablated positions of the corpus. */
export type ReplacementName = "zero" | "mean";

export const replacementNames: readonly ReplacementName[] = ["zero", "mean"];

/** Where a neuron is ablated: at every position, or at all but the special tokens. */
export type PositionsName = "all" | "content";

export const positionNames: readonly PositionsName[] = ["all", "content"];

export interface ReplacementOptions {
  readonly value: ReplacementName;
  readonly positions: PositionsName;
  readonly batchTokens: number;
  readonly signal?: AbortSignal | undefined;
}

/** The value that each column of the sites is set to. @throws ArgumentError for an unknown name */
export async function replacementValues(
  model: Model,
  passages: readonly Passage[],
  sites: readonly Site[],
  options: ReplacementOptions,
): Promise<Float32Array> {
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  checkKnown("positions", options.positions, positionNames);
  const value = checkKnown("value", options.value, replacementNames);
  return value === "zero" ? new Float32Array(columns) : await meanValues(model, passages, sites, columns, options);
}

/** Bytes of activations that are held at once. */
const captureBytes = 1 << 26;

async function meanValues(
  model: Model,
  passages: readonly Passage[],
  sites: readonly Site[],
  columns: number,
  { positions, batchTokens, signal }: ReplacementOptions,
): Promise<Float32Array> {
  const sums = new Float64Array(columns);
  let rows = 0;
  const budget = Math.max(1, Math.min(batchTokens, Math.floor(captureBytes / (4 * columns))));
  for (const batch of groupPassages(passages, budget)) {
    signal?.throwIfAborted();
    using forward = model.forward({ sequences: batch.passages.map(({ ids }) => ids), capture: { sites } });
    const values = await forward.captured!.values();
    const special = batch.passages.flatMap((passage) => [...passage.special]);
    special.forEach((isSpecial, row) => {
      if (positions === "content" && isSpecial === 1) return;
      rows++;
      addRow(sums, values.subarray(row * columns, (row + 1) * columns));
    });
  }
  if (rows === 0) throw new ArgumentError("corpus", "a token that is not special", "none");
  return Float32Array.from(sums, (sum) => sum / rows);
}

function addRow(sums: Float64Array, row: Float32Array): void {
  for (let column = 0; column < sums.length; column++) sums[column]! += row[column]!;
}
