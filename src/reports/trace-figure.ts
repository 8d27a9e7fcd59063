import * as Plot from "@observablehq/plot";
import type { MaximizedTarget } from "../methods/corpus/maximization.js";
import { draw } from "./draw.js";
import type { Html } from "./html.js";

/** The best value so far of every search of a target; those that began at the corpus’ best in another colour. */
export function traceFigure({ neurons, corpus, searches }: MaximizedTarget, beside: number): Html {
  const name = neurons.length > 1 ? `mean of ${neurons.length} neurons` : neurons[0]!;
  const last = Math.max(...searches.map(({ trace }) => trace.at(-1)![0]));
  return draw(`search for ${name}`, {
    width: beside > 1 ? 310 : 640,
    height: 200,
    marginLeft: 50,
    x: { label: "n-grams read", nice: true, ticks: 4 },
    y: { label: name, grid: true, nice: true },
    marks: [
      ...(corpus ? [Plot.ruleY([corpus.best.value], { stroke: "var(--soft)", strokeDasharray: "5 3" })] : []),
      ...searches.map(({ start, best, trace }) => {
        const points = [...trace, [last, best.value] as const].map(([x, y]) => ({ x, y }));
        const stroke = start === "corpus" ? "var(--bottom)" : "var(--top)";
        return Plot.line(points, {
          x: "x",
          y: "y",
          curve: "step-after",
          stroke,
          strokeWidth: 1.6,
        });
      }),
    ],
  });
}
