import { sizeText } from "../core/sizes.js";
import type { PlannedSite, SweepPlan } from "../methods/causal/plan-each.js";
import { summarizeSites } from "../model/sites.js";
import { durationText } from "./progress.js";

/** What a sweep would do: in all, how its batches are made, and a line for each site at which copies part. */
export function planLines({ sites, tokens, skipped, metric, seconds, plan }: SweepPlan): string[] {
  const units = sites.reduce((sum, site) => sum + site.units, 0);
  const left = skipped > 0 ? ` (sentences that predict nothing, left out: ${counted(skipped)})` : "";
  const [fewest, most] = plan.copies;
  const copies = fewest === most ? counted(most) : `${counted(fewest)} to ${counted(most)}`;
  return [
    `${several(units, "unit")} over ${several(tokens, "token")} by ${metric}${left}: about ${durationText(seconds)}`,
    `  batches of up to ${counted(plan.tokens)} tokens: ${copies} ${most === 1 ? "unit" : "units"} each, in copies of the same texts (${several(plan.passages, "group")} of texts, ${several(plan.span, "unit")} at a time)`,
    `  memory up to ${sizeText(plan.bytes)}`,
    ...sites.map(siteLine),
    ...longWay(sites),
  ];
}

/** The sites whose copies compute a layer whole each, though little of it may change; no line where there are none. */
function longWay(sites: readonly PlannedSite[]): string[] {
  const long = sites.filter(({ way }) => way === "long").map(({ site }) => ({ name: site }));
  return long.length === 0 ? [] : [`  long way (each copy computes the layer whole): ${summarizeSites(long)}`];
}

function siteLine({ site, units, operations, wholePass, seconds }: PlannedSite): string {
  const shared = Math.max(0, Math.round(100 * (1 - operations / wholePass)));
  return `  ${site}: ${several(units, "unit")}, ${megaflops(operations)} a token instead of ${megaflops(wholePass)} (${shared} % is shared or need not be computed), ${durationText(seconds)}`;
}

/** `1 unit`, `1,536 units`. */
function several(count: number, noun: string): string {
  return `${counted(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function megaflops(operations: number): string {
  return `${(operations / 1e6).toPrecision(3)} MFLOP`;
}

function counted(count: number): string {
  return count.toLocaleString("en");
}
