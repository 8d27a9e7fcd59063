import type { AblationCurve } from "../methods/causal/ablate-ranking.js";
import type { PointsBetween } from "../methods/causal/point-intervals.js";
import type { AnyResult } from "../methods/result-check.js";
import { intervalText } from "./interval-text.js";

/** Whether a result is the curve of `ablate --ranking`. */
export function isCurve(result: AnyResult): result is AnyResult & { readonly values: AblationCurve } {
  return result.kind === "evaluation" && result.method === "ablation";
}

const numberWidth = 9;
const intervalWidth = 20;

/** The curve as a table: one line for every number of ablated neurons, each metric with its interval behind it. */
export function curveLines({ counts, top, random, bottom, intervals }: AblationCurve): string[] {
  const width = numberWidth + (intervals ? intervalWidth : 0);
  const row = (first: string, cells: readonly string[]) =>
    `  ${first.padStart(numberWidth)}${cells.join("")}`.trimEnd();
  const cell = (curve: readonly number[], between: PointsBetween | undefined, i: number) => {
    const number = (curve[i] ?? Number.NaN).toPrecision(5).padStart(numberWidth);
    return `${number}${between ? `  ${intervalText(between, i)}` : ""}`.padEnd(width);
  };
  const lines = counts.map((count, i) =>
    row(count.toLocaleString("en"), [
      cell(top, intervals?.top, i),
      cell(random, intervals?.random, i),
      cell(bottom, intervals?.bottom, i),
    ]),
  );
  const heading = (name: string) => `${name.padStart(numberWidth)}${intervals ? "  95 % interval" : ""}`.padEnd(width);
  const names = ["top", "random", "bottom"].map(heading);
  return [row("ablated", names), ...lines];
}
