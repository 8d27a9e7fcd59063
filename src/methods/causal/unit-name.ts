import { neuronName, type Site, siteOfColumn } from "../../core/sites.js";

/** The name of a unit of a sweep: `layers.3.mlp.hidden:871`, `layers.0.attention.heads:5`, `groups:12`; a layer has no number of its own. */
export function unitName(sites: readonly Site[], column: number): string {
  const { name, width } = siteOfColumn(sites, column);
  return width === 1 && /(^|\.)layers\.\d+$/.test(name) ? name : neuronName(sites, column);
}
