import { ArgumentError } from "../core/errors.js";
import { type Batch, lengthOf, reversedRows } from "./batch.js";
import { sitesOf } from "./intervention-columns.js";
import type { Intervention } from "./interventions.js";
import type { CacheState } from "./key-cache.js";
import type { ForwardRequest } from "./model.js";
import type { Network } from "./network.js";
import type { ModelSite } from "./sites.js";

/** The batches of one forward pass: an encoder-decoder's encoder reads one of its own. */
export interface StackBatches {
  readonly batch: Batch;
  /** Of each sequence, or, where copies share them, of each text; null for networks of one stack, and where an earlier batch has read the sources. */
  readonly source: Batch | null;
  /** The number of each sequence's source. */
  readonly sourceOf: Uint32Array;
  /** What earlier batches left of the texts; null where nothing goes on. */
  readonly cached: CacheState | null;
}

/** The number of each sequence's source: as the request says, or else its own, or that of its text. */
export function sourcesOf({ sequences, sourceOf }: ForwardRequest, source: Batch | null): Uint32Array {
  return sourceOf ?? Uint32Array.from(sequences, (_, s) => (source ? s % source.sequences : s));
}

/** Where the rows of a site lie, and what its attention scores are of. */
export interface SitePlace {
  readonly batch: Batch;
  /** Keys that the last token of each sequence may see at the site's attention. */
  readonly keys: Uint32Array;
  /** Query heads. */
  readonly heads: number;
}

/** Whether a site's rows are the tokens of an encoder-decoder's sources: the encoder's, and what the decoder makes of its output. */
export function isSourceSite(site: string): boolean {
  return site.startsWith("encoder.") || /^decoder\..*\.cross\.(key|value)$/.test(site);
}

/** Whether an intervention changes such a site. */
export function isOfSources(intervention: Pick<Intervention, "site">, sites: readonly ModelSite[]): boolean {
  return sitesOf(intervention, sites).some(({ name }) => isSourceSite(name));
}

/** The place of a site, where a layer reads backwards from the end; null where it was read by an earlier batch. The keys of `cross.scores` are the sources' tokens. */
export function placeOf(site: string, network: Network, stacks: StackBatches): SitePlace | null {
  const { batch, source, sourceOf, cached } = stacks;
  if (network.encoder && isSourceSite(site)) {
    return source && { batch: asRead(site, source), keys: keysOf(source), heads: network.encoder.heads };
  }
  const cross = network.encoder !== null && site.endsWith(".cross.scores");
  const keys = !cross ? keysOf(batch) : source ? keysOfSources(source, sourceOf) : cached!.sources.lengths;
  const heads = cross ? Math.max(1, network.heads) : network.heads; // a recurrent decoder attends with one
  return { batch: asRead(site, batch), keys, heads };
}

/** A batch in the order in which the layer of a site reads it. */
function asRead(site: string, batch: Batch): Batch {
  return site.includes(".backward.") ? { ...batch, rowOfToken: reversedRows(batch) } : batch;
}

function keysOf(batch: Batch): Uint32Array {
  return batch.pasts.map((past, sequence) => past + lengthOf(batch, sequence));
}

/** The same of each sequence's source, which several may share. */
function keysOfSources(source: Batch, sourceOf: Uint32Array): Uint32Array {
  const keys = keysOf(source);
  return sourceOf.map((number) => keys[number]!);
}

/** Checks that the rows of all sites are tokens of the same stack. @throws ArgumentError that names two that are not */
export function checkOneStack(sites: readonly string[]): void {
  const [first = ""] = sites;
  const other = sites.find((site) => isSourceSite(site) !== isSourceSite(first));
  if (other === undefined) return;
  const wanted = `sites of the encoder or of the decoder, whose rows are other tokens (cross.key and cross.value have the encoder's)`;
  throw new ArgumentError("sites", wanted, `${first} and ${other}`);
}
