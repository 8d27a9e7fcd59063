import { ArgumentError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";
import { neuronName, type Site } from "../core/sites.js";
import type { ActivationSource } from "./source.js";

/**
 * Checks rows × neurons for numbers that no statistic can use.
 *
 * @param firstRow the row of the source at which `values` starts
 * @param largest the size that a number may have
 * @throws ArgumentError that names the row and the neuron of the first NaN, infinity, or too large number
 */
export function checkFinite(values: Float32Array, firstRow: number, sites: readonly Site[], largest = Infinity): void {
  const bad = values.findIndex((value) => !(Math.abs(value) < Infinity && Math.abs(value) <= largest));
  if (bad < 0) return;
  const columns = sites.reduce((sum, site) => sum + site.width, 0);
  const row = firstRow + Math.floor(bad / columns);
  const neuron = neuronName(sites, bad % columns);
  const expected = largest === Infinity ? "finite activations" : `activations within ±${largest} (f16)`;
  throw new ArgumentError(`row ${row} of ${neuron}`, expected, values[bad]);
}

/**
 * Looks for the first number that is not finite in a source: for statistics that came out as NaN, to say why.
 *
 * @throws ArgumentError that names its row and neuron; returns where all numbers are finite
 */
export async function refuseNonFinite(source: ActivationSource, { signal }: Progress = {}): Promise<void> {
  for await (const block of source.blocks(signal ? { signal } : {})) {
    checkFinite(await block.values(), block.firstRow, source.sites);
  }
}
