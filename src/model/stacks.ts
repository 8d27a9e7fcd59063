import { ArgumentError } from "../core/errors.js";
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

/** Whether a site's rows are the tokens of an encoder-decoder's sources: the encoder's, and what the decoder makes of its output. */
export function isSourceSite(site: string): boolean {
  return site.startsWith("encoder.") || /^decoder\..*\.cross\.(key|value)$/.test(site);
}

/** The place of a site. The keys of `cross.scores` are the sources' tokens. */
export function placeOf(site: string, network: Network, { batch, source }: StackBatches): SitePlace {
  if (source && network.encoder && isSourceSite(site)) {
    return { batch: source, keys: source, heads: network.encoder.heads };
  }
  return { batch, keys: source && site.endsWith(".cross.scores") ? source : batch, heads: network.heads };
}

/** Checks that the rows of all sites are tokens of the same stack. @throws ArgumentError that names two that are not */
export function checkOneStack(sites: readonly string[]): void {
  const [first = ""] = sites;
  const other = sites.find((site) => isSourceSite(site) !== isSourceSite(first));
  if (other === undefined) return;
  const wanted = `sites of the encoder or of the decoder, whose rows are other tokens (cross.key and cross.value have the encoder's)`;
  throw new ArgumentError("sites", wanted, `${first} and ${other}`);
}
