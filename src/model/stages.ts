import type { Changes } from "./changed-heads.js";
import type { ForwardRequest } from "./model.js";
import { classifiesSequences, type Network } from "./network.js";
import { isSourceSite } from "./stacks.js";

/** What of a batch decides where its copies part, and where only what is read goes on. */
export interface Looked {
  readonly request: ForwardRequest;
  /** Sites that are changed. */
  readonly changed: ReadonlySet<string>;
  /** Packed tokens or sequences that have a target. */
  readonly targets: number;
  readonly rows: number;
}

/**
 * The site up to which all copies of a text are the same: the first one that is changed or kept. Attention scores are
 * changed while heads are computed, so copies part at the values before, or, where keys are of the sources, at the
 * queries.
 *
 * @returns null where there are no copies, or where their sources differ
 */
export function forkOf(network: Network, request: ForwardRequest, changed: ReadonlySet<string>): string | null {
  const { texts, sequences, capture, scores = [] } = request;
  if (texts === undefined || texts === sequences.length) return null;
  const looked = new Set([...changed, ...scores, ...(capture?.sites.map(({ name }) => name) ?? [])]);
  if (network.encoder && [...looked].some(isSourceSite)) return null;
  return partingOf(network.sites.find(({ name }) => looked.has(name))?.name ?? "logits");
}

/** Where copies part that change at a site first: for attention scores before they are computed. */
export function partingOf(site: string): string {
  return site.replace(/cross\.scores$/, "cross.query").replace(/\.scores$/, ".value");
}

/** Rows that are left out must be this share of all at least: to gather the others costs something too. */
const worth = 1 / 4;

/**
 * The site behind which only the rows that the head reads are needed: the last layer's heads, or what is changed last of
 * those behind them in that layer, if nobody looks at what comes after.
 *
 * @returns null where all rows go on to the end
 */
export function readOf(network: Network, looked: Looked): string | null {
  return rowsRead(network, looked) > (1 - worth) * looked.rows ? null : lastSite(network, looked);
}

/** Where copies of texts part, and how. */
export interface Parting extends Pick<Changes, "changedAt" | "changed" | "fewChanged"> {
  /** Rows that there are behind it. */
  readonly rows: number;
  readonly textTokens: number;
}

/**
 * Whether copies are made of what is known of their texts and of the changed columns, as that is much less than they are;
 * where that begins at the last site, only what is read goes on in any case.
 */
export function endOf(network: Network, looked: Looked, parting: Parting) {
  const { changedAt, changed, fewChanged, textTokens } = parting;
  const last = lastSite(network, looked);
  const parted = changedAt !== null && changedAt === last;
  const rows = parted ? rowsRead(network, looked) : parting.rows;
  const form = !fewChanged || changed.most === 0 ? null : changed.most === 1 ? "one" : "several";
  const closedForm = form && textTokens + changed.neurons.length <= repays[form] * rows ? form : null;
  return { closedForm, readAt: closedForm && parted ? last : readOf(network, looked) } as const;
}

/**
 * The share of all rows that the rows of texts and changed columns may be for their products to be computed first: what is
 * made of them costs a tenth of a product where one column changes, and a third where several do.
 */
export const repays = { one: 1 / 2, several: 1 / 4 } as const;

function rowsRead(network: Network, { request, targets }: Looked): number {
  return classifiesSequences(network) ? request.sequences.length : targets;
}

/** The last site behind which each row goes its own way; null where someone looks further. */
function lastSite(network: Network, { request, changed, targets }: Looked): string | null {
  const { capture, compareWith } = request;
  if (network.heads === 0 || network.encoder || targets === 0 || capture || compareWith) return null;
  const layer = `layers.${network.layers - 1}.`;
  const place = network.sites.findIndex(({ name }) => name === `${layer}attention.heads`);
  const heads = network.sites[place];
  const last = network.sites.findLast(({ name }, at) => at > place && changed.has(name)) ?? heads;
  return heads && last?.name.startsWith(layer) ? last.name : null;
}
