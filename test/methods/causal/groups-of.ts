import type { Grouping } from "../../../src/methods/result.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";

/** Some neurons of a site, each a group of its own. */
export function groupsOf(model: Model, site: string, columns: readonly number[]): Grouping {
  const sites = selectSites(model.sites, site);
  return {
    kind: "grouping",
    method: "chosen",
    sites,
    labels: new Int32Array(sites[0]!.width),
    groups: columns.map((column, label) => ({ label, members: [column], representative: column })),
    options: {},
    provenance: { version: "", device: "", seed: 0, model: null, corpus: null, activations: null },
  };
}
