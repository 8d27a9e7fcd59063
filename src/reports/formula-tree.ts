import { conceptText } from "../corpus/formula-text.js";
import type { FormulaTree } from "../methods/corpus/formula.js";
import { type Html, html } from "./html.js";

/** A formula as a nested list: an operator with its operands below it. */
export function formulaTreeList(tree: FormulaTree): Html {
  return html`<ul class="tree">${item(tree)}</ul>
`;
}

function item(tree: FormulaTree): Html {
  if (!("operator" in tree)) return html`<li>${conceptText(tree)}</li>`;
  if (tree.operator === "NEIGHBORS") return html`<li><b>NEIGHBORS</b><ul>${item(tree.of)}</ul></li>`;
  return html`<li><b>${tree.operator}</b><ul>${item(tree.left)}${item(tree.right)}</ul></li>`;
}
