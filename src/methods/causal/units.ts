import { ArgumentError } from "../../core/errors.js";
import type { Site } from "../../core/sites.js";
import type { Model } from "../../model/model.js";
import { layerOf, selectSites } from "../../model/sites.js";
import type { Grouping } from "../result.js";

/** What is ablated in turn. */
export type UnitName = "neuron" | "head" | "layer" | "group";

export const unitNames: readonly UnitName[] = ["neuron", "head", "layer", "group"];

/** What `ablate --each` goes through: the sites it changes, and a result column per unit. */
export interface Units {
  /** The sites that are changed, side by side. */
  readonly sites: readonly Site[];
  /** The result's sites: one column per unit. */
  readonly columns: readonly Site[];
  /** The columns of `sites` that each unit stands for. */
  readonly members: readonly Uint32Array[];
}

/** The sites that a sweep goes through where none are named: MLP neurons, or the hidden units of a recurrent model. */
export function defaultSites(model: Model, unit: UnitName): string[] {
  const names = unit === "head" ? ["attention.heads"] : model.heads === 0 ? hiddenOf(model) : ["mlp.hidden"];
  return names.map((name) => `${model.encoder ? "decoder." : ""}layers.*.${name}`);
}

/** Where the layers of a recurrent model keep their hidden units: those of an encoder-decoder's decoder read forward only. */
function hiddenOf({ sites, encoder }: Model): string[] {
  const both = encoder === null && sites.some(({ name }) => name.endsWith(".backward.hidden"));
  return both ? ["forward.hidden", "backward.hidden"] : ["hidden"];
}

/** Every neuron of the sites. */
export function neuronUnits(sites: readonly Site[]): Units {
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  return { sites, columns: sites, members: Array.from({ length: columns }, (_, column) => Uint32Array.of(column)) };
}

/** Every attention head: head h owns columns h·d … (h+1)·d − 1 of its layer's `attention.heads` or `cross.heads`. */
export function headUnits(model: Model, sites: readonly Site[]): Units {
  const stranger = sites.find(({ name }) => !/(attention|cross)\.heads$/.test(name));
  if (stranger)
    throw new ArgumentError("sites", "those of heads (layers.N.attention.heads or cross.heads)", stranger.name);
  const headsOf = (name: string) => (model.encoder && name.startsWith("encoder.") ? model.encoder.heads : model.heads);
  let offset = 0;
  const columns = sites.map(({ name }): Site => {
    const width = headsOf(name);
    offset += width;
    return { name, width, offset: offset - width };
  });
  const members = sites.flatMap(({ name, width, offset }) => {
    const size = width / headsOf(name);
    return Array.from({ length: headsOf(name) }, (_, head) => range(offset + head * size, size));
  });
  return { sites, columns, members };
}

/** Every layer: all chosen sites of it together. */
export function layerUnits(sites: readonly Site[]): Units {
  const layers = new Map<string, Site[]>();
  for (const site of sites) layers.set(layerName(site.name), [...(layers.get(layerName(site.name)) ?? []), site]);
  const columns = [...layers.keys()].map((name, offset): Site => ({ name, width: 1, offset }));
  const members = [...layers.values()].map((own) =>
    Uint32Array.from(own.flatMap(({ offset, width }) => [...range(offset, width)])),
  );
  return { sites, columns, members };
}

/**
 * Every group of a grouping; groups may share members.
 *
 * @throws ArgumentError if the model lacks one of its sites or a width differs, for no group, or one that has a member twice,
 * which would be changed twice
 */
export function groupUnits(model: Model, grouping: Grouping): Units {
  const sites = sameSites(model, grouping.sites, "grouping");
  if (grouping.groups.length === 0) throw new ArgumentError("grouping", "at least one group", "none");
  const members = grouping.groups.map((group) => Uint32Array.from(group.members));
  const twice = members.findIndex((own) => new Set(own).size < own.length);
  if (twice >= 0)
    throw new ArgumentError("grouping", `each member of group ${twice} once`, [...members[twice]!].join());
  return { sites, columns: [{ name: "groups", width: members.length, offset: 0 }], members };
}

/** Finds the sites of a result in a model. @throws ArgumentError if one is missing or has another width */
export function sameSites(model: Model, sites: readonly Site[], of: string): Site[] {
  const found = selectSites(
    model.sites,
    sites.map(({ name }) => name),
  );
  sites.forEach(({ name, width }, i) => {
    const own = found[i];
    if (own?.name !== name || own.width !== width) {
      throw new ArgumentError(of, `sites of ${model.name} in its order and width`, `${name} of width ${width}`);
    }
  });
  return found;
}

function layerName(site: string): string {
  const layer = layerOf(site);
  if (layer === null) throw new ArgumentError("sites", "sites of layers", site);
  return `${site.slice(0, site.indexOf("layers."))}layers.${layer}`;
}

function range(start: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => start + i);
}
