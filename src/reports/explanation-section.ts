import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { ExplanationResult } from "./kinds.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

/** The neurons with the best formulas, twenty at most. */
export function explanationSection(result: ExplanationResult, numbering: Numbering): Html {
  const best = [...result.neurons].sort((a, b) => b.score - a.score).slice(0, 20);
  const cells = best.map(({ neuron, formula, score }): Content[] => [
    html`<code>${neuron}</code>`,
    formula ?? "(never active)",
    shown(score),
  ]);
  const table = numbering.table("The neurons with the best formulas.", ["neuron", "formula", "score"], cells);
  return section(methodText(result.method), optionsLine(result), table);
}
