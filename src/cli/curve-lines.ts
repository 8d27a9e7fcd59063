import type { AblationCurve } from "../methods/causal/ablate-ranking.js";
import type { AnyResult } from "../methods/result-check.js";

/** Whether a result is the curve of `ablate --ranking`. */
export function isCurve(result: AnyResult): result is AnyResult & { readonly values: AblationCurve } {
  return result.kind === "evaluation" && result.method === "ablation";
}

/** The curve as a table: one line for every number of ablated neurons. */
export function curveLines({ counts, top, random, bottom }: AblationCurve): string[] {
  const row = (cells: readonly string[]) => `  ${cells.map((cell) => cell.padStart(9)).join("")}`;
  const lines = counts.map((count, i) => {
    const values = [top, random, bottom].map((curve) => (curve[i] ?? Number.NaN).toPrecision(5));
    return row([count.toLocaleString("en"), ...values]);
  });
  return [row(["ablated", "top", "random", "bottom"]), ...lines];
}
