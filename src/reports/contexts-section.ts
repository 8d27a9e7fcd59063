import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { ContextRow, ContextsResult } from "./kinds.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

/** The rows on which each neuron is largest, ten neurons at most. */
export function contextsSection(result: ContextsResult, numbering: Numbering): Html {
  const cells = result.neurons
    .slice(0, 10)
    .map(({ neuron, top, bottom }): Content[] => [html`<code>${neuron}</code>`, texts(top), texts(bottom ?? [])]);
  const table = numbering.table(
    "Rows with the largest and the smallest values.",
    ["neuron", "largest", "smallest"],
    cells,
  );
  return section(methodText(result.method), optionsLine(result), table);
}

function texts(rows: readonly ContextRow[]): Content {
  return rows.slice(0, 8).map(({ text, value }, i) => {
    return [i > 0 ? " · " : "", html`<bdi title="${shown(value)}">${text}</bdi>`];
  });
}
