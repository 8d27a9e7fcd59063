import type { Batch } from "./batch.js";
import type { Network } from "./network.js";

/** The batches of one forward pass: an encoder-decoder's encoder reads one of its own. */
export interface StackBatches {
  readonly batch: Batch;
  /** null for networks of one stack. */
  readonly source: Batch | null;
}

/** Where the rows of a site lie, and what its attention scores are of. */
export interface SitePlace {
  readonly batch: Batch;
  /** The batch whose tokens are the keys of the site's attention. */
  readonly keys: Batch;
  /** Query heads. */
  readonly heads: number;
}

/** Whether a site is the encoder's of an encoder-decoder: its rows are tokens of the sources. */
export function isEncoderSite(site: string): boolean {
  return site.startsWith("encoder.");
}

/** The place of a site. The keys of `cross.scores` are the sources' tokens. */
export function placeOf(site: string, network: Network, { batch, source }: StackBatches): SitePlace {
  if (source && network.encoder && isEncoderSite(site)) {
    return { batch: source, keys: source, heads: network.encoder.heads };
  }
  return { batch, keys: source && site.endsWith(".cross.scores") ? source : batch, heads: network.heads };
}
