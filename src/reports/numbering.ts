import { type Content, type Html, html } from "./html.js";

/** Numbers the tables and figures of one report, in the order in which they are made. */
export class Numbering {
  #tables = 0;
  #figures = 0;

  /** A table with its caption above it; cells that are numbers stand right. */
  table(caption: Content, head: readonly string[], rows: readonly (readonly Content[])[]): Html {
    this.#tables++;
    const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => isNumeric(row[column] ?? null)));
    const headCell = (name: string, column: number) =>
      numeric[column] ? html`<th scope="col" class="number">${name}</th>` : html`<th scope="col">${name}</th>`;
    return html`<div class="scroll"><table>
<caption><b>Table ${this.#tables}.</b> ${caption}</caption>
<thead><tr>${head.map(headCell)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody>
</table></div>
`;
  }

  /** Drawings side by side with one caption below them. */
  figure(caption: Content, ...drawings: readonly Html[]): Html {
    this.#figures++;
    return html`<figure>
<div class="drawings">${drawings}</div>
<figcaption><b>Figure ${this.#figures}.</b> ${caption}</figcaption>
</figure>
`;
  }
}

function cell(content: Content): Html {
  return isNumeric(content) ? html`<td class="number">${content}</td>` : html`<td>${content}</td>`;
}

/** Whether a cell holds a number as `shown` writes it. */
function isNumeric(content: Content): boolean {
  return typeof content === "number" || (typeof content === "string" && /^[−\d][\d\u202f.e+−-]*$/.test(content));
}
