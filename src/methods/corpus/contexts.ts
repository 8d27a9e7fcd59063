import { accumulate } from "../../activations/accumulate.js";
import { type ExtremeRows, extremeRows } from "../../activations/accumulators/extreme-rows.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { neuronName } from "../../core/sites.js";
import type { RowTable } from "../../corpus/rows.js";
import type { Device } from "../../device/device.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import type { MethodContext, Provenance } from "../result.js";

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
  }[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly provenance: Provenance;
}

export interface ContextsOptions {
  /** Rows at each end (default 10). */
  readonly top?: number;
  /** Rows on each side of a row that are told with it (default 5). */
  readonly window?: number;
  /** As for every method (src/methods/table.ts). */
  readonly device?: Device;
}

/**
 * The k rows on which each neuron is largest and the k on which it is smallest, with their context: corpus rank
 * (Kádár, Chrupała and Alishahi 2017). One pass for all neurons; ties go to the lower row.
 *
 * @throws ArgumentError for a source without texts, and for a number that is not finite
 */
export async function contexts(
  source: ActivationSource,
  { top = 10, window = 5, device: given }: ContextsOptions = {},
  context: MethodContext = {},
): Promise<Contexts> {
  const { table } = source;
  if (!table) throw new ArgumentError("source", "rows with texts (--corpus FILE --rows word)", source.name);
  if (!Number.isSafeInteger(window) || window < 0)
    throw new ArgumentError("window", "a whole number from 0 on", window);
  return await onDevice(given ?? source.device, async (device) => {
    const { largest, smallest } = await accumulate(source, device, extremeRows(top, source.sites), context);
    const neurons = largest.map((rows, column) => ({
      neuron: neuronName(source.sites, column),
      column,
      top: describeRows(rows, table, window),
      bottom: describeRows(smallest[column]!, table, window),
    }));
    const provenance = await provenanceOf(source, device, 0);
    return { kind: "contexts", method: "contexts", neurons, options: { top, window }, provenance };
  });
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
