import { random } from "../../core/random.js";
import { type Site, siteOfColumn } from "../../core/sites.js";
import type { Group } from "../result.js";
import { averageLinkage, cutMerges } from "./linkage.js";

/** Correlations of all pairs of columns: columns × columns, 0 where a column is constant. */
export interface Correlations {
  readonly columns: number;
  readonly r: Float64Array | Float32Array;
}

export interface GroupOptions {
  /** Clusters merge while their distance is at most this. */
  readonly threshold: number;
  /** Distance 1 − r in place of 1 − |r|. */
  readonly signed: boolean;
  readonly seed: number;
  /** `typical`: the member with the highest mean |r| inside; `random`: any. */
  readonly representative: "typical" | "random";
}

/** Groups of correlated columns by average linkage, labelled from 0 by their lowest column. */
export function groupByCorrelation(correlations: Correlations, options: GroupOptions) {
  const merges = averageLinkage(distancesOf(correlations, options.signed));
  const labels = cutMerges(merges, correlations.columns, options.threshold);
  const members: number[][] = [];
  labels.forEach((label, column) => {
    if (members[label]) members[label].push(column);
    else members[label] = [column];
  });
  const next = random(options.seed);
  const groups = members.map((columns, label): Group => {
    const candidates = options.representative === "typical" ? typicalOf(correlations, columns) : columns;
    return { label, members: columns, representative: candidates[Math.floor(next() * candidates.length)]! };
  });
  return { labels, groups };
}

function distancesOf({ columns, r }: Correlations, signed: boolean) {
  const values = new Float32Array(r.length);
  for (let i = 0; i < r.length; i++) values[i] = 1 - (signed ? r[i]! : Math.abs(r[i]!));
  return { count: columns, values };
}

/** The members whose mean |r| with the others is highest: both of a pair. */
function typicalOf({ columns, r }: Correlations, members: readonly number[]): readonly number[] {
  if (members.length < 3) return members;
  const sums = members.map((i) =>
    members.reduce((sum, j) => sum + (i === j ? 0 : Math.abs(r[Math.min(i, j) * columns + Math.max(i, j)]!)), 0),
  );
  const highest = Math.max(...sums);
  return members.filter((_, k) => sums[k] === highest);
}

/** What of a site is redundant. */
export interface SiteProfile {
  readonly site: string;
  readonly neurons: number;
  /** Its neurons that share a group with another. */
  readonly grouped: number;
  readonly representatives: number;
}

/** Shares of all neurons. */
export interface Redundancy {
  /** Neurons that another of their site could stand for. */
  readonly within: number;
  /** Neurons that only one of another site could stand for. */
  readonly across: number;
}

/** How groups lie over sites: copies from layer to layer are another thing than copies inside one. */
export function profileGroups(
  sites: readonly Site[],
  groups: readonly Group[],
): { readonly profile: SiteProfile[]; readonly redundancy: Redundancy } {
  const rows = new Map(sites.map(({ name, width }) => [name, { neurons: width, grouped: 0, representatives: 0 }]));
  let runs = 0;
  for (const { members, representative } of groups) {
    const names = members.map((column) => siteOfColumn(sites, column).name);
    runs += new Set(names).size;
    if (members.length > 1) for (const name of names) rows.get(name)!.grouped++;
    rows.get(siteOfColumn(sites, representative).name)!.representatives++;
  }
  const neurons = sites.reduce((sum, { width }) => sum + width, 0);
  return {
    profile: [...rows].map(([site, counts]) => ({ site, ...counts })),
    redundancy: { within: (neurons - runs) / neurons, across: (runs - groups.length) / neurons },
  };
}
