import { ArgumentError } from "../core/errors.js";
import { neuronName, type Site } from "../core/sites.js";
import { noRow } from "../kernels/masks.js";

/**
 * Refuses NaN that a kernel found.
 *
 * @param nan per column from `firstColumn` on: the first row that holds NaN, or `noRow`
 * @throws ArgumentError that names the first such row and its neuron
 */
export function rejectNanRows(nan: Uint32Array, sites: readonly Site[], firstColumn = 0): void {
  const row = nan.reduce((least, found) => Math.min(least, found), noRow);
  if (row === noRow) return;
  const neuron = neuronName(sites, firstColumn + nan.indexOf(row));
  throw new ArgumentError(`row ${row} of ${neuron}`, "finite activations", Number.NaN);
}
