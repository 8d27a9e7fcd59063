import { type Batch, runOfSequences } from "./batch.js";
import { lengthsOf, neededEnds } from "./copies.js";
import type { ForwardRequest } from "./model.js";
import type { Network } from "./network.js";
import type { OwnRows } from "./shared-rows.js";
import { isSourceSite } from "./stacks.js";

/** Whether copies of texts may share rows: nobody asks for a matrix of all tokens, and what shares a row is compared with one. */
export function sharesRows({ texts, capture, scores = [], compareWith }: ForwardRequest): boolean {
  if (texts === undefined || capture || scores.length > 0) return false;
  return compareWith?.every((other, s) => other === compareWith[s % texts]) ?? true;
}

/**
 * What of a batch of copies has to be computed besides the rows of their texts; of a causal network nothing behind the
 * last prediction that is read.
 *
 * @param forkedAt the first site that is changed
 */
export function ownRows(network: Network, request: ForwardRequest, batch: Batch, forkedAt: string): OwnRows {
  const own = ownTokens(network, request, batch, forkedAt);
  const readsAll = !network.causal || request.compareWith !== undefined || request.targets === undefined;
  return { own, ends: readsAll ? lengthsOf(request) : neededEnds(network, request, batch) };
}

/**
 * The tokens of copies that differ from their texts: those that are changed, and all that see them. Behind the last
 * attention nobody sees another; before it a causal network's tokens see none behind them.
 *
 * @returns 1 or 0 for each packed token
 */
function ownTokens(network: Network, request: ForwardRequest, batch: Batch, forkedAt: string): Uint8Array {
  const changed = request.changed ?? namedTokens(network, request, batch);
  if (isBehindAttention(network, forkedAt)) return changed;
  const own = new Uint8Array(batch.tokens);
  for (let s = 0; s < batch.sequences; s++) {
    const [start, end] = [batch.starts[s]!, batch.starts[s + 1]!];
    const first = changed.subarray(start, end).indexOf(1);
    if (first >= 0) own.fill(1, network.causal ? start + first : start, end);
  }
  return own;
}

/** The tokens that interventions name: all of those have rows but at sites with one per sequence. */
function namedTokens({ sites }: Network, { interventions = [] }: ForwardRequest, batch: Batch): Uint8Array {
  const named = new Uint8Array(batch.tokens);
  const ofSequences = new Set(sites.filter(({ rows }) => rows === "sequence").map(({ name }) => name));
  for (const { site, sequence, positions } of interventions) {
    if (ofSequences.has(site)) continue;
    const [first, end] = runOfSequences(batch, sequence);
    if (positions === undefined) named.fill(1, batch.starts[first], batch.starts[end]);
    for (let s = first; s < end; s++) {
      const [start, next] = [batch.starts[s]!, batch.starts[s + 1]!];
      const own = positions === "last" ? [next - start - 1] : (positions ?? []);
      for (const position of own) if (start + position < next) named[start + position] = 1;
    }
  }
  return named;
}

/** Whether no token sees another from a site on. */
function isBehindAttention({ sites }: Network, site: string): boolean {
  const last = sites.findLastIndex(({ name }) => name.endsWith("attention.heads") && !isSourceSite(name));
  return sites.findIndex(({ name }) => name === site) >= last;
}
