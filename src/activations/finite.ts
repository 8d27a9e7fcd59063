import { ArgumentError } from "../core/errors.js";
import { neuronName, type Site } from "../core/sites.js";

/**
 * Checks rows × neurons for numbers that no statistic can use.
 *
 * @param firstRow the row of the source at which `values` starts
 * @param largest the size that a number may have
 * @throws ArgumentError that names the row and the neuron of the first NaN, infinity, or too large number
 */
export function checkFinite(values: Float32Array, firstRow: number, sites: readonly Site[], largest = Infinity): void {
  if (largest === Infinity && allFinite(values)) return;
  const bad = values.findIndex((value) => !(Math.abs(value) < Infinity && Math.abs(value) <= largest));
  if (bad < 0) return;
  const columns = sites.reduce((sum, site) => sum + site.width, 0);
  const found = { row: firstRow + Math.floor(bad / columns), column: bad % columns, value: values[bad]! };
  refuseNotFinite(found, sites, largest === Infinity ? "finite activations" : `activations within ±${largest} (f16)`);
}

/** Refuses a number that was found among activations; null where none was. @throws ArgumentError that names row and neuron */
export function refuseNotFinite(
  found: { readonly row: number; readonly column: number; readonly value: number } | null,
  sites: readonly Site[],
  expected = "finite activations",
): void {
  if (!found) return;
  throw new ArgumentError(`row ${found.row} of ${neuronName(sites, found.column)}`, expected, found.value);
}

/** 0 · x is NaN where x is no finite number. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += 0 * values[i]!;
  return sum === 0;
}
