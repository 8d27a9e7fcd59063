import type { Intervention, NeuronRows } from "./interventions.js";
import type { Model } from "./model.js";
import { selectSites } from "./sites.js";

/** What a run is told besides. */
export interface CaptureOptions {
  readonly interventions?: readonly Intervention[];
}

/**
 * Runs a model over some sequences and brings the activations of some sites to the host, for patching or resampling:
 * one row per token, special tokens included.
 *
 * @param sequences token ids, special tokens included
 * @param sites a selector, such as `layers.*.residual`
 * @throws ArgumentError as `Model.forward` does
 */
export async function capture(
  model: Model,
  sequences: readonly Uint32Array[],
  sites: string | readonly string[],
  { interventions = [] }: CaptureOptions = {},
): Promise<NeuronRows & { readonly starts: Uint32Array }> {
  const chosen = selectSites(model.sites, sites);
  using forward = model.forward({ sequences, capture: { sites: chosen }, interventions });
  return { sites: chosen, values: await forward.captured!.values(), starts: forward.starts };
}
