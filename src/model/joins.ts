import { type Batch, runOfSequences } from "./batch.js";
import { sitesOf } from "./intervention-columns.js";
import type { ForwardRequest } from "./model.js";
import type { Network } from "./network.js";
import { type OwnRows, packShared } from "./shared-rows.js";
import { layerOf } from "./sites.js";
import { partingOf } from "./stages.js";

/** The rows of a batch up to a site at which more copies join: these have none of their own yet. */
export interface Joined {
  readonly batch: Batch;
  readonly until: string;
}

/**
 * The rows before each join. Copies join layer by layer, at the first site of each that is the first which one of them
 * changes. Until it has parted its text's rows stand for a copy, so that these go on up to the last join.
 *
 * @param own the rows behind the last join, which `whole` has
 * @returns none where all copies part at one site, or where it does not pay
 */
export function packJoined(network: Network, request: ForwardRequest, { own, ends }: OwnRows, whole: Batch): Joined[] {
  const { sequences, texts } = request;
  const places = placesOfJoins(network, request, own, whole);
  const all = [...new Set(places)].filter(Number.isFinite).sort((a, b) => a - b);
  const joined = all.slice(1).map((place) => {
    const parted = own.slice();
    for (let s = 0; s < sequences.length; s++) {
      if (places[s]! >= place) parted.fill(0, whole.starts[s], whole.starts[s + 1]);
    }
    return { batch: packShared(sequences, texts!, { own: parted, ends }), until: network.sites[place]!.name };
  });
  const ways = joined.reduce((sum, { batch }, i) => sum + batch.rows * (all[i + 1]! - all[i]!), 0);
  const without = whole.rows * ((all.at(-1) ?? 0) - (all[0] ?? 0));
  return ways <= (1 - worth) * without ? joined : [];
}

/** The share of the rows' ways through the sites that must be saved at least: rows are moved at every join. */
const worth = 1 / 16;

/** For each sequence, the place among the network's sites of the one that it joins at; Infinity for one without own rows. */
function placesOfJoins(network: Network, request: ForwardRequest, own: Uint8Array, { starts }: Batch): number[] {
  const firsts = firstChanges(network, request, starts.length - 1);
  const layerAt = (place: number) => layerOf(network.sites[place]!.name) ?? network.sites[place]!.name;
  const ofLayers = new Map<number | string, number>();
  const parts = firsts.map((place, s) => place < Number.POSITIVE_INFINITY && own.subarray(starts[s], starts[s + 1]).includes(1)); // biome-ignore format: one line
  firsts.forEach((place, s) => {
    if (!parts[s]) return;
    const layer = layerAt(place);
    ofLayers.set(layer, Math.min(ofLayers.get(layer) ?? place, place));
  });
  return firsts.map((place, s) => (parts[s] ? ofLayers.get(layerAt(place))! : Number.POSITIVE_INFINITY));
}

/** The place of the first site that each sequence's interventions change; Infinity for none. */
function firstChanges(network: Network, { interventions = [] }: ForwardRequest, sequences: number): number[] {
  const firsts = new Array<number>(sequences).fill(Number.POSITIVE_INFINITY);
  const known = new Map<string, number>();
  for (const { site, sequence } of interventions) {
    const place = known.get(site) ?? placeOfFirst(network, site);
    known.set(site, place);
    const [first, end] = runOfSequences({ sequences }, sequence);
    for (let s = first; s < end; s++) firsts[s] = Math.min(firsts[s]!, place);
  }
  return firsts;
}

function placeOfFirst({ sites }: Network, selector: string): number {
  const places = sitesOf({ site: selector }, sites).map(({ name }) => placeOfSite(sites, partingOf(name)));
  return places.reduce((first, place) => Math.min(first, place), Number.POSITIVE_INFINITY);
}

function placeOfSite(sites: Network["sites"], site: string): number {
  return sites.findIndex(({ name }) => name === site);
}

/** The rows that a site has. @param whole the batch behind the last join */
export function batchAt(site: string, { sites }: Network, joined: readonly Joined[], whole: Batch): Batch {
  const place = placeOfSite(sites, site);
  return joined.find(({ until }) => place < placeOfSite(sites, until))?.batch ?? whole;
}
