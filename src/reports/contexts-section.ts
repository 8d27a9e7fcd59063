import type { Context, Contexts } from "../methods/corpus/contexts.js";
import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

const neuronsShown = 8;
const rowsShown = 3;

/** The rows on which the first neurons are largest and smallest, each in its sentence. */
export function contextsSection(result: Contexts, numbering: Numbering): Html {
  const cells = result.neurons.slice(0, neuronsShown).flatMap(({ neuron, top, bottom }) => {
    const extremes = [...top.slice(0, rowsShown), ...bottom.slice(0, rowsShown).reverse()];
    return extremes.map((row, i): Content[] => [
      i === 0 ? html`<code>${neuron}</code>` : "",
      shown(row.value),
      line(row),
    ]);
  });
  const caption = "Rows with the largest and the smallest values, in their sentences.";
  const table = numbering.table(caption, ["neuron", "value", "row"], cells);
  return section(methodText(result.method), optionsLine(result), table);
}

function line({ before, text, after }: Context): Html {
  return html`<bdi>${before.join(" ")} <b>${text}</b> ${after.join(" ")}</bdi>`;
}
