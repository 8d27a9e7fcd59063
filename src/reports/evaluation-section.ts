import type { Ranking } from "../methods/result.js";
import { curveFigure } from "./curve-figure.js";
import { conceptText, methodInText, methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { CurveResult } from "./kinds.js";
import type { Numbering } from "./numbering.js";
import { shown, shownBetween } from "./numbers.js";

/** The metric after ablating the top, random and bottom neurons of a ranking. */
export function evaluationSection(result: CurveResult, numbering: Numbering): Html {
  const { values } = result;
  const metric = values.metric ?? "metric";
  const draws = values.draws ?? [];
  const { intervals } = values;
  const bars = intervals ? html` Bars are 95 % intervals over sentences.` : null;
  const band = draws.length > 1 ? html` The band spans all ${draws.length} random draws.` : null;
  const { concept } = result.options;
  const where = typeof concept === "string" ? ` on predicted tokens with ${concept}` : "";
  const caption = html`${methodText(metric)} of the model${where} after ablating its neurons in the order of ${subject(result.of)}, in random order, and from the bottom; the line is the whole model (${shown(values.baseline)}).${band}${bars}`;
  const sets = ["top", "random", "bottom"] as const;
  const cells = values.counts.map((count, i): Content[] => [
    shown(count),
    ...sets.flatMap((set) => [shown(values[set][i]!), ...(intervals ? [shownBetween(intervals[set], i)] : [])]),
  ]);
  return section(
    `Ablation: ${subject(result.of)}`,
    optionsLine(result),
    numbering.figure(caption, curveFigure({ ...values, draws }, metric)),
    numbering.table(
      html`${methodText(metric)} by the number of ablated neurons.`,
      ["neurons", ...sets.flatMap((set) => [set, ...(intervals ? ["95 % interval"] : [])])],
      cells,
    ),
  );
}

/** The ranking that was tested, as a reader says it. */
function subject(of: unknown): string {
  if (!isNamed(of)) return "a ranking";
  if (of.method === "ablation") return "damage by ablation";
  return `${methodInText(of.method)}${of.concept ? ` for ${conceptText(of.concept)}` : ""}`;
}

function isNamed(of: unknown): of is Pick<Ranking, "method" | "concept"> {
  return typeof of === "object" && of !== null && "method" in of && typeof of.method === "string";
}
