import type { ConceptAlignment } from "../methods/corpus/replicated-text.js";
import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

const neuronsShown = 20;

/** The neurons that keep to their concepts most, with the concepts they answer to. */
export function alignmentSection(result: ConceptAlignment, numbering: Numbering): Html {
  const best = [...result.neurons].sort((a, b) => b.selectivity - a.selectivity || a.column - b.column);
  const cells = best.slice(0, neuronsShown).map(({ neuron, selectivity, concepts }): Content[] => {
    const told = concepts.map(
      ({ text, alignment }, i) => html`${i > 0 ? ", " : ""}<bdi>${text}</bdi> (${shown(alignment)})`,
    );
    return [html`<code>${neuron}</code>`, shown(selectivity), told];
  });
  const caption =
    "Neurons by selectivity: how much larger they are on sentences that contain one of their concepts, as a share of their range. Behind a concept: the mean activation on a text of nothing else.";
  const table = numbering.table(caption, ["neuron", "selectivity", "concepts"], cells);
  return section(methodText(result.method), optionsLine(result), table);
}
