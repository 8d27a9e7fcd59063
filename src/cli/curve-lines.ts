import type { AblationCurve } from "../methods/causal/ablate-ranking.js";
import type { PointsBetween } from "../methods/causal/point-intervals.js";
import type { AnyResult } from "../methods/result-check.js";
import { intervalText } from "./interval-text.js";

/** Whether a result is the curve of `ablate --ranking`. */
export function isCurve(result: AnyResult): result is AnyResult & { readonly values: AblationCurve } {
  return result.kind === "evaluation" && result.method === "ablation";
}

const numberWidth = 9;

/** The curve as a table: one line for every number of ablated neurons, each metric with its interval behind it. */
export function curveLines({ counts, top, random, bottom, intervals }: AblationCurve): string[] {
  const cell = (curve: readonly number[], between: PointsBetween | undefined, i: number) => {
    const number = (curve[i] ?? Number.NaN).toPrecision(5).padStart(numberWidth);
    return `${number}${between ? `  ${intervalText(between, i)}` : ""}`;
  };
  const heading = (name: string) => `${name.padStart(numberWidth)}${intervals ? "  95 % interval" : ""}`;
  const rows = [
    ["ablated", ...["top", "random", "bottom"].map(heading)],
    ...counts.map((count, i) => [
      count.toLocaleString("en"),
      cell(top, intervals?.top, i),
      cell(random, intervals?.random, i),
      cell(bottom, intervals?.bottom, i),
    ]),
  ];
  const width = Math.max(...rows.flatMap((row) => row.slice(1).map(({ length }) => length)));
  const cells = (row: readonly string[]) => row.map((text) => text.padEnd(width + 1)).join("");
  return rows.map(([first = "", ...rest]) => `  ${first.padStart(numberWidth)}${cells(rest)}`.trimEnd());
}
