import { checkFinite } from "../activations/finite.js";
import type { ActivationSource } from "../activations/source.js";
import { KernelError } from "../core/errors.js";
import type { Progress } from "../core/progress.js";

/**
 * Does nothing where statistics of a source's columns are all finite, and otherwise reads the source again to say why.
 *
 * @throws ArgumentError that names the first row and neuron whose activation is not finite
 */
export async function refuseNonFinite(
  source: ActivationSource,
  statistics: Float64Array,
  { signal }: Progress = {},
): Promise<void> {
  const column = statistics.findIndex((value) => !Number.isFinite(value));
  if (column < 0) return;
  for await (const block of source.blocks(signal ? { signal } : {})) {
    checkFinite(await block.values(), block.firstRow, source.sites);
  }
  throw new KernelError("moments", new Error(`a sum of finite activations is ${statistics[column]}`));
}
