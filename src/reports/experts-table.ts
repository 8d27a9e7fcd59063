import type { ExpertCounts } from "../methods/corpus/expert-counts.js";
import type { Ranking } from "../methods/result.js";
import type { Content, Html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

type WithExperts = Ranking & { readonly experts: ExpertCounts };

const valuesShown = 30;
const thresholdsShown = [0.2, 0.4, 0.5, 0.7, 0.8, 0.9, 0.99];

/** Whether a ranking counts neurons by their average precision. */
export function hasExperts(ranking: Ranking): ranking is WithExperts {
  return "experts" in ranking && typeof ranking.experts === "object" && ranking.experts !== null;
}

/** How many neurons of all sites have an average precision above each threshold; values with the most good ones come first. */
export function expertsTable({ experts, scores }: WithExperts, numbering: Numbering): Html {
  const places = thresholdsShown
    .map((threshold) => experts.thresholds.indexOf(threshold))
    .filter((place) => place >= 0);
  const counted = experts.values.map(({ value, sites }) => {
    return { value, counts: places.map((place) => sites.reduce((sum, { counts }) => sum + counts[place]!, 0)) };
  });
  const order = counted.sort((a, b) => compare(b.counts, a.counts));
  const cells = order.slice(0, valuesShown).map(({ value, counts }): Content[] => [value, ...counts.map(shown)]);
  const more = order.length > cells.length ? ` The first ${cells.length} of ${shown(order.length)} values.` : "";
  const caption = `Neurons of ${shown(scores.length)} whose average precision is above each threshold.${more}`;
  return numbering.table(caption, ["value", ...places.map((place) => `> ${experts.thresholds[place]}`)], cells);
}

/** By the counts at the highest threshold, then the next. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = a.length - 1; i >= 0; i--) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
