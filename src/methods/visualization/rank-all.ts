import type { ActivationSource } from "../../activations/source.js";
import type { Device } from "../../device/device.js";
import { onDevice } from "../method-device.js";
import { rankScores } from "../order.js";
import { provenanceOf } from "../provenance.js";
import type { Ranking } from "../result.js";
import type { MethodOptions } from "../table.js";

/** What a method that needs no concept finds: a score per column, and fields of its own. */
type Found<Fields> = Fields & { readonly scores: Float64Array };

/** Makes a ranking of what `work` finds on a device. */
export async function rankAll<Fields extends object>(
  method: string,
  source: ActivationSource,
  { device: given, seed = 0 }: MethodOptions,
  named: Readonly<Record<string, unknown>>,
  work: (device: Device) => Promise<Found<Fields>>,
): Promise<Ranking & Found<Fields>> {
  return await onDevice(given ?? source.device, async (device) => {
    const found = await work(device);
    return {
      kind: "ranking",
      method,
      concept: null,
      sites: source.sites,
      ...found,
      ...rankScores(found.scores),
      options: named,
      provenance: await provenanceOf(source, device, seed),
    };
  });
}
