import * as Plot from "@observablehq/plot";
import type { Site } from "../core/sites.js";
import type { SentenceIntervals } from "../methods/causal/bootstrap.js";
import { unitName } from "../methods/causal/unit-name.js";
import type { Order } from "../methods/result.js";
import { draw } from "./draw.js";
import type { Html } from "./html.js";
import { shown } from "./numbers.js";

interface Cell {
  readonly layer: string;
  readonly head: number;
  readonly score: number;
  readonly title: string;
}

/** A drawing of damage, and what its numbers are counted in: `0.001`. */
export interface DamageMap {
  readonly drawing: Html;
  readonly unit: string;
}

/**
 * Damage as layers × heads, the first layer at the bottom: red above 0, blue below. Colours grow with the square root,
 * since few heads do most of the damage; numbers are counted in a power of ten that leaves the largest two digits.
 */
export function damageMap(sites: readonly Site[], scores: Float64Array): DamageMap {
  const cells = sites.flatMap(({ name, width, offset }) =>
    Array.from({ length: width }, (_, head): Cell => {
      const score = scores[offset + head]!;
      return { layer: name.replace(/\.(attention|cross)\.heads$/, ""), head, score, title: `${name}:${head}: ${shown(score)}` }; // biome-ignore format: one line
    }),
  );
  const most = Math.max(...cells.map(({ score }) => Math.abs(score)));
  const power = most > 0 ? Math.floor(Math.log10(most)) - 1 : 0;
  const layers = [...new Set(cells.map(({ layer }) => layer))].reverse();
  const heads = Math.max(...sites.map(({ width }) => width));
  const size = Math.max(19, Math.min(34, 236 / heads));
  const drawing = draw("damage by layer and head", {
    width: 64 + size * heads + 10,
    height: 40 + size * layers.length,
    marginLeft: 64,
    marginTop: 4,
    marginBottom: 36,
    padding: 0.06,
    x: { label: "head", type: "band", domain: Array.from({ length: heads }, (_, head) => head), tickSize: 0 },
    y: { label: null, domain: layers, tickSize: 0 },
    marks: [
      Plot.cell(cells, {
        x: "head",
        y: "layer",
        fill: ({ score }: Cell) => (score < 0 ? "var(--bottom)" : "var(--top)"),
        fillOpacity: ({ score }: Cell) => (most > 0 ? 0.85 * Math.sqrt(Math.abs(score) / most) : 0),
        stroke: "var(--faint)",
        strokeOpacity: 0.5,
        title: "title",
      }),
      Plot.text(cells, {
        x: "head",
        y: "layer",
        text: ({ score }: Cell) => rounded(score, power),
        fontSize: 11,
        fill: "currentColor",
      }),
    ],
  });
  return { drawing, unit: power < 0 ? (10 ** power).toFixed(-power) : String(10 ** power) };
}

/** A score counted in a power of ten, with a real minus; an empty text for one that rounds to 0. */
function rounded(score: number, power: number): string {
  const count = Math.round(score / 10 ** power);
  return count === 0 ? "" : String(count).replace("-", "−");
}

/** Damage of each layer as a bar, with its interval. */
export function layersFigure(
  ranking: Pick<Order, "scores"> & { readonly sites: readonly Site[]; readonly intervals?: SentenceIntervals },
): Html {
  const { sites, scores, intervals } = ranking;
  const bars = Array.from(scores, (score, column) => {
    const name = unitName(sites, column);
    return {
      name,
      score,
      low: intervals?.low[column],
      high: intervals?.high[column],
      title: `${name}: ${shown(score)}`,
    };
  });
  const longest = Math.max(...bars.map(({ name }) => name.length));
  return draw("damage by layer", {
    width: 420,
    height: 24 * bars.length + 50,
    marginLeft: 12 + 6.3 * longest,
    x: { label: "damage", grid: true, nice: true, ticks: 5 },
    y: { label: null, domain: bars.map(({ name }) => name).reverse(), padding: 0.25 },
    marks: [
      Plot.barX(bars, { x: "score", y: "name", fill: "var(--top)", fillOpacity: 0.75, title: "title" }),
      ...(intervals ? [Plot.ruleY(bars, { x1: "low", x2: "high", y: "name" })] : []),
      Plot.ruleX([0]),
    ],
  });
}
