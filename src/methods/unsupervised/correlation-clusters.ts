import { eachBlock } from "../../activations/each-block.js";
import type { ActivationSource } from "../../activations/source.js";
import { ArgumentError } from "../../core/errors.js";
import { checkKnown } from "../../core/suggest.js";
import { GramSums } from "../../kernels/gram-sums.js";
import { checkOptions } from "../check-options.js";
import { onDevice } from "../method-device.js";
import { provenanceOf } from "../provenance.js";
import { refuseNonFinite } from "../refuse-non-finite.js";
import type { Grouping, MethodContext } from "../result.js";
import type { MethodOptions } from "../table.js";
import { groupByCorrelation, profileGroups, type Redundancy, type SiteProfile } from "./correlation-groups.js";

export interface CorrelationClustersOptions extends MethodOptions {
  /** Clusters merge while their mean distance is at most this (default .5). */
  readonly threshold?: number;
  /** Distance 1 − r in place of 1 − |r|. */
  readonly signed?: boolean;
  /** `random`: any member represents a cluster, as in the authors' code. */
  readonly compat?: "random";
}

/** How clusters lie over sites, and what is redundant within a site and across sites. */
export type CorrelationGrouping = Grouping & {
  readonly profile: readonly SiteProfile[];
  readonly redundancy: Redundancy;
};

/**
 * Groups neurons that say the same (Dalvi et al. 2020): average linkage on distance 1 − |r|, cut at a threshold. A
 * constant neuron has r = 0. A cluster is represented by its member with the highest mean |r| inside; ties by seed.
 * One pass; memory: 16 bytes for each of neurons × neurons.
 *
 * @throws ArgumentError that names row and neuron of a number that is not finite
 */
export async function correlationClusters(
  source: ActivationSource,
  options: CorrelationClustersOptions = {},
  context: MethodContext = {},
): Promise<CorrelationGrouping> {
  checkOptions("correlation-clusters", options, ["threshold", "signed", "compat"]);
  const { threshold = 0.5, signed = false, compat, seed = 0 } = options;
  if (!(threshold >= 0 && threshold <= 2)) throw new ArgumentError("threshold", "a distance from 0 to 2", threshold);
  if (compat !== undefined) checkKnown("compat", compat, ["random"]);
  return await onDevice(options.device ?? source.device, async (device) => {
    using sums = new GramSums(device, source.columns);
    await eachBlock(source, device, context, "correlations", (x, { rows }) => sums.add(x, rows));
    await refuseNonFinite(source, (await sums.means())[0], context);
    const correlations = { columns: source.columns, r: await sums.correlation() };
    const representative = compat ?? "typical";
    const { labels, groups } = groupByCorrelation(correlations, { threshold, signed, seed, representative });
    return {
      kind: "grouping",
      method: "correlation-clusters",
      sites: source.sites,
      labels,
      groups,
      ...profileGroups(source.sites, groups),
      options: { threshold, signed, ...(compat && { compat }) },
      provenance: await provenanceOf(source, device, seed),
    };
  });
}
