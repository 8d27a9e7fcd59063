import * as Plot from "@observablehq/plot";
import { layerProfile, type SiteShare } from "../evaluation/layer-profile.js";
import type { Ranking } from "../methods/result.js";
import { draw } from "./draw.js";
import { type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

/** How scores fall, and in which sites the best of the `units` lie. */
export function scoresAndProfile(ranking: Ranking, units: string, numbering: Numbering): Html {
  const scores = scoreFigure(ranking.scores, ranking.order);
  if (ranking.sites.length < 2) return numbering.figure("Scores by rank.", scores);
  const best = Math.min(ranking.order.length, Math.max(10, Math.round(ranking.order.length / 20)));
  const caption = html`Left: scores by rank. Right: where the best ${best} of ${shown(ranking.order.length)} ${units} lie, beside what the sites’ widths let expect (dashed).`;
  return numbering.figure(caption, scores, profileFigure(layerProfile(ranking.sites, ranking, best)));
}

/** Scores from the best neuron to the last, the ranks on a logarithmic axis. */
export function scoreFigure(scores: Float64Array, order: Uint32Array): Html {
  const shownRanks = new Set(Array.from({ length: 200 }, (_, i) => Math.round(order.length ** (i / 199)) - 1));
  const points = [...shownRanks].map((rank) => ({ rank: rank + 1, score: scores[order[rank]!]! }));
  return draw("scores by rank", {
    height: 220,
    width: 310,
    marginLeft: 50,
    x: { label: "rank", type: "log", ticks: 4, tickFormat: "~s" },
    y: { label: "score", grid: true, nice: true },
    marks: [
      Plot.line(points, { x: "rank", y: "score", stroke: "var(--top)", strokeWidth: 1.8 }),
      Plot.dot(points.slice(0, 10), { x: "rank", y: "score", fill: "var(--top)", r: 2.2 }),
    ],
  });
}

/** How often each site holds one of the best neurons, divided by what its width lets expect. */
export function profileFigure(profile: readonly SiteShare[]): Html {
  const bars = profile.map(({ site, count, ratio }) => ({
    name: site.name,
    ratio,
    title: `${site.name}: ${count}, ${shown(ratio)} × expected`,
  }));
  const longest = Math.max(...bars.map(({ name }) => name.length));
  return draw("layer profile", {
    height: Math.max(90, 20 * bars.length + 50),
    width: 310,
    marginLeft: Math.min(190, 12 + 6.3 * longest),
    x: { label: "found ÷ expected from width", grid: true, nice: true, ticks: 4 },
    y: { label: null, domain: bars.map(({ name }) => name), padding: 0.25 },
    marks: [
      Plot.barX(bars, { x: "ratio", y: "name", fill: "var(--top)", fillOpacity: 0.75, title: "title" }),
      Plot.ruleX([1], { stroke: "currentColor", strokeDasharray: "3 3" }),
      Plot.ruleX([0]),
    ],
  });
}

/** How many groups have how many members. */
export function sizeFigure(sizes: readonly number[]): Html {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  const bars = [...counts].sort(([a], [b]) => a - b).map(([size, groups]) => ({ size: String(size), groups }));
  return draw("group sizes", {
    height: 180,
    width: Math.min(640, 100 + 60 * bars.length),
    marginLeft: 50,
    x: { label: "members of a group", type: "band", padding: 0.2, domain: bars.map(({ size }) => size) },
    y: { label: "groups", grid: true, nice: true },
    marks: [Plot.barY(bars, { x: "size", y: "groups", fill: "var(--top)", fillOpacity: 0.75 }), Plot.ruleY([0])],
  });
}
