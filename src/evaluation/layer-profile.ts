import { type Site, siteOfColumn } from "../core/sites.js";
import type { Order } from "../methods/result.js";

/** How many of the best neurons lie in one site. */
export interface SiteShare {
  readonly site: Site;
  readonly count: number;
  /** `count` divided by what the site's width lets expect: 1 where neurons are chosen at random. */
  readonly ratio: number;
}

/** Where the best `k` neurons of an order lie, in the order of the sites. */
export function layerProfile(sites: readonly Site[], { order }: Pick<Order, "order">, k: number): SiteShare[] {
  const best = order.subarray(0, k);
  const counts = new Map<Site, number>();
  for (const column of best) {
    const site = siteOfColumn(sites, column);
    counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  return sites.map((site) => {
    const count = counts.get(site) ?? 0;
    const expected = (best.length * site.width) / order.length;
    return { site, count, ratio: expected === 0 ? 0 : count / expected };
  });
}
