import * as Plot from "@observablehq/plot";
import type { CurveIntervals } from "../methods/causal/point-intervals.js";
import { draw } from "./draw.js";
import type { Html } from "./html.js";
import { shown } from "./numbers.js";

/** What an ablation curve needs: the metric after ablating `counts` neurons, per set of neurons. */
export interface Curve {
  readonly fractions: readonly number[];
  readonly counts: readonly number[];
  readonly top: readonly number[];
  readonly bottom: readonly number[];
  /** Mean over the random draws. */
  readonly random: readonly number[];
  /** The curve of each random draw; empty where they were not kept. */
  readonly draws: readonly (readonly number[])[];
  readonly baseline: number;
  /** Where the metric lies by 95 % of the bootstrap's draws. */
  readonly intervals?: Pick<CurveIntervals, "top" | "random" | "bottom">;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly title: string;
}

/** The metric against how many neurons were ablated; the band spans all random draws. */
export function curveFigure(curve: Curve, metric: string): Html {
  const [places, axis] = placesOf(curve);
  const points = (values: readonly number[], name: string): Point[] =>
    places.map((x, i) => {
      const title = `${name}, ${shown(curve.counts[i]!)} neurons: ${shown(values[i]!)}`;
      return { x, y: values[i]!, name, title };
    });
  const sets = [points(curve.top, "top"), points(curve.random, "random"), points(curve.bottom, "bottom")];
  return draw(`${metric} after ablation`, {
    height: 300,
    marginRight: 70,
    marginLeft: 56,
    x: axis,
    y: { label: metric, grid: true, nice: true },
    marks: [
      Plot.ruleY([curve.baseline], { stroke: "var(--faint)" }),
      ...bandOf(curve.draws, places),
      ...barsOf(curve, places),
      ...sets.map(lineOf),
      ...sets.map((set) => Plot.dot(set, { x: "x", y: "y", fill: colourOf(set), r: 2.6, title: "title" })),
      ...lineEnds(sets, heightOf(curve)).map(nameAt),
    ],
  });
}

/** Where the points stand: at their share of all neurons in equal steps, else at their number, small numbers apart. */
function placesOf({ fractions, counts }: Curve): [readonly number[], Plot.ScaleOptions] {
  const step = (fractions.at(-1) ?? 0) / (fractions.length - 1);
  const even = fractions.every((fraction, i) => Math.abs(fraction - step * i) < 1e-3);
  if (even) return [fractions, { label: "neurons ablated (%)", percent: true, nice: true }];
  return [
    counts,
    { label: "neurons ablated", type: "symlog", ticks: [...counts], tickFormat: (count) => shown(count) },
  ];
}

function bandOf(draws: Curve["draws"], places: readonly number[]): Plot.Markish[] {
  if (draws.length < 2) return [];
  const band = places.map((x, i) => {
    const values = draws.map((one) => one[i]!);
    return { x, low: Math.min(...values), high: Math.max(...values) };
  });
  return [Plot.areaY(band, { x: "x", y1: "low", y2: "high", fill: "var(--random)", fillOpacity: 0.18 })];
}

/** A bar for the interval of every point. */
function barsOf({ intervals }: Curve, places: readonly number[]): Plot.Markish[] {
  if (!intervals) return [];
  return (["top", "random", "bottom"] as const).map((set) => {
    const bars = places.map((x, i) => ({ x, low: intervals[set].low[i]!, high: intervals[set].high[i]! }));
    return Plot.ruleX(bars, { x: "x", y1: "low", y2: "high", stroke: `var(--${set})`, strokeOpacity: 0.5 });
  });
}

function lineOf(set: readonly Point[], index: number): Plot.Markish {
  const strokeDasharray = ["none", "6 3", "1.5 3"][index]!;
  return Plot.line(set, { x: "x", y: "y", stroke: colourOf(set), strokeDasharray, strokeWidth: 1.8 });
}

function colourOf(set: readonly Point[]): string {
  return `var(--${set[0]!.name})`;
}

function nameAt({ at, shift }: { readonly at: Point; readonly shift: number }): Plot.Markish {
  return Plot.text([at], { x: "x", y: "y", text: "name", dx: 8, dy: shift, textAnchor: "start", fill: colourOf([at]) });
}

/** What a pixel of the drawing's height stands for, intervals and random draws included. */
function heightOf({ top, random, bottom, draws, intervals }: Curve): number {
  const bars = (["top", "random", "bottom"] as const).flatMap((set) => [...(intervals?.[set].low ?? []), ...(intervals?.[set].high ?? [])]); // biome-ignore format: one line
  const all = [...top, ...random, ...bottom, ...draws.flat(), ...bars];
  return (Math.max(...all) - Math.min(...all)) / 240 || 1;
}

/** The names at the curves' last points, apart from each other where these are close. */
function lineEnds(sets: readonly (readonly Point[])[], height: number): { at: Point; shift: number }[] {
  const ends = sets.map((set) => set.at(-1)!).sort((a, b) => b.y - a.y);
  let lowest = Number.NEGATIVE_INFINITY;
  return ends.map((at) => {
    const wanted = -at.y / height;
    lowest = Math.max(wanted, lowest + 13);
    return { at, shift: lowest - wanted };
  });
}
