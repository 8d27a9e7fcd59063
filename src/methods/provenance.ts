import type { ActivationSource } from "../activations/source.js";
import { version } from "../core/version.js";
import type { Device } from "../device/device.js";
import type { Provenance } from "./result.js";

/** What a result on `source` was made from; ask for it after the pass, when the fingerprints are known. */
export async function provenanceOf(source: ActivationSource, device: Device, seed: number): Promise<Provenance> {
  const { model, corpus, activations } = await source.provenance();
  return { version, device: device.description.name, seed, model, corpus, activations };
}
