import { accumulate, both } from "../../activations/accumulate.js";
import { type ExtremeRows, type Extremes, extremeRows } from "../../activations/accumulators/extreme-rows.js";
import { type ValueDistributions, valueDistributions } from "../../activations/accumulators/value-distributions.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { neuronName } from "../../core/sites.js";
import type { RowTable } from "../../corpus/rows.js";
import type { Device } from "../../device/device.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Provenance } from "../result.js";
import { checkBins, type Distribution, describeDistribution, quantileShares } from "./distribution.js";
import { type TopWord, topWords } from "./top-words.js";

/** One row on which a neuron is extreme, with the rows of its sentence around it. */
export interface Context {
  readonly row: number;
  readonly value: number;
  readonly sentence: number;
  readonly position: number;
  readonly text: string;
  /** The texts of the `window` rows before and behind it in its sentence. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** For every neuron the rows on which it is largest and smallest, the most extreme first. */
export interface Contexts {
  readonly kind: "contexts";
  readonly method: "contexts";
  readonly neurons: readonly {
    readonly neuron: string;
    readonly column: number;
    readonly top: readonly Context[];
    readonly bottom: readonly Context[];
    /** With `topWords`: the words that move it most, the strongest first. */
    readonly words?: readonly TopWord[];
    /** With `histogram`. */
    readonly distribution?: Distribution;
  }[];
  /** With `histogram`: the shares of the quantiles, and how far they may be off as a share of their size: 0 or 2⁻⁸. */
  readonly quantiles?: { readonly shares: readonly number[]; readonly relativeError: number };
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

export interface ContextsOptions {
  /** Rows at each end (default 10). */
  readonly top?: number;
  /** Rows on each side of a row that are told with it (default 5). */
  readonly window?: number;
  /** How many top words of every neuron to tell; `all`: those that move it more than a tenth of what the strongest does. */
  readonly topWords?: number | "all";
  /** Quantiles of every neuron, and a histogram of so many equally wide bins. */
  readonly histogram?: number;
  /** As for every method (src/methods/table.ts). */
  readonly device?: Device;
}

/**
 * The k rows on which each neuron is largest and the k on which it is smallest, with their context: corpus rank
 * (Kádár, Chrupała and Alishahi 2017). One pass for all neurons, their quantiles and histograms too; ties go to the
 * lower row. Two more passes for top words. Quantiles are exact up to 1 GiB of activations and within 2⁻⁸ of the size of the
 * values beside them above that, as are the edges of a histogram's bins.
 *
 * @throws ArgumentError for a source without texts, and for a number that is not finite
 */
export async function contexts(
  source: ActivationSource,
  options: ContextsOptions = {},
  context: MethodContext = {},
): Promise<Contexts> {
  const { top = 10, window = 5, topWords: wanted, histogram, device: given } = options;
  const { table } = source;
  if (!table) throw new ArgumentError("source", "rows with texts (--corpus FILE --rows word)", source.name);
  if (!Number.isSafeInteger(window) || window < 0)
    throw new ArgumentError("window", "a whole number from 0 on", window);
  if (histogram !== undefined) checkBins(histogram);
  return await onDevice(given ?? source.device, async (device) => {
    const [{ largest, smallest }, distributions] = await passOver(source, device, options, context);
    const found = wanted === undefined ? null : await topWords(source, device, wanted, context);
    const neurons = largest.map((rows, column) => ({
      neuron: neuronName(source.sites, column),
      column,
      top: describeRows(rows, table, window),
      bottom: describeRows(smallest[column]!, table, window),
      ...(found && { words: found[column]! }),
      ...(distributions && { distribution: describeDistribution(distributions.column(column), histogram!) }),
    }));
    return {
      kind: "contexts",
      method: "contexts",
      neurons,
      ...(distributions && { quantiles: { shares: quantileShares, relativeError: distributions.relativeError } }),
      options: {
        top,
        window,
        ...(wanted !== undefined && { topWords: wanted }),
        ...(histogram !== undefined && { histogram }),
      },
      provenance: await provenanceOf(source, device, 0),
    };
  });
}

/** The pass that serves the extremes, and the distributions where they are asked for. */
async function passOver(
  source: ActivationSource,
  device: Device,
  { top = 10, histogram }: ContextsOptions,
  context: MethodContext,
): Promise<readonly [Extremes, ValueDistributions | null]> {
  const extremes = extremeRows(top, source.sites);
  if (histogram === undefined) return [await accumulate(source, device, extremes, context), null];
  return await accumulate(source, device, both(extremes, valueDistributions(source.sites)), context);
}

function describeRows({ rows, values }: ExtremeRows, table: RowTable, window: number): Context[] {
  return Array.from(rows, (row, i) => {
    const sentence = table.sentence[row]!;
    const around = (from: number, to: number): string[] => {
      const near = Array.from({ length: to - from }, (_, offset) => from + offset);
      return near.filter((other) => table.sentence[other] === sentence).map((other) => table.text[other]!);
    };
    return {
      row,
      value: values[i]!,
      sentence,
      position: table.position[row]!,
      text: table.text[row]!,
      before: around(Math.max(0, row - window), row),
      after: around(row + 1, Math.min(table.rows, row + 1 + window)),
    };
  });
}
