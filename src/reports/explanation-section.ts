import type { ExplainedNeuron, Explanation } from "../methods/corpus/explanation.js";
import { formulaTreeList } from "./formula-tree.js";
import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";
import { profileTable } from "./profile-table.js";

const neuronsShown = 20;
const treesShown = 5;
const conceptsShown = 20;

/** The neurons whose formulas fit best beyond chance, the first as trees, and the best neurons of the concepts. */
export function explanationSection(result: Explanation, numbering: Numbering): Html {
  const best = [...result.neurons]
    .sort((a, b) => b.adjusted - a.adjusted || a.column - b.column)
    .slice(0, neuronsShown);
  return section(
    methodText(result.method),
    optionsLine(result),
    profileSentence(result),
    neuronTable(best, result, numbering),
    html`${best.slice(0, treesShown).map(treeOf)}`,
    profileTable(result.neurons, numbering),
    conceptTable(result, numbering),
  );
}

function profileSentence({ neurons }: Explanation): Html {
  const count = (kind: ExplainedNeuron["profile"]["kind"]) =>
    shown(neurons.filter(({ profile }) => profile.kind === kind).length);
  return html`<p>Of ${shown(neurons.length)} neurons, ${count("monosemous")} tell one concept from the other rows, ${count("polysemous")} several, ${count("switch")} are on for one and off for another, and ${count("none")} follow none of them closely (|φ| < .25).</p>
`;
}

function neuronTable(best: readonly ExplainedNeuron[], { neurons }: Explanation, numbering: Numbering): Html {
  const cells = best.map(({ neuron, formula, iou, adjusted, rows }): Content[] => [
    html`<code>${neuron}</code>`,
    formula ?? "(never on)",
    shown(iou),
    shown(adjusted),
    shown(rows),
  ]);
  const caption = `The best ${best.length} of ${shown(neurons.length)} neurons, by IoU adjusted for chance.`;
  return numbering.table(caption, ["neuron", "formula", "IoU", "adjusted", "rows on"], cells);
}

function treeOf({ neuron, tree }: ExplainedNeuron): Html {
  return tree ? html`<p><code>${neuron}</code></p>${formulaTreeList(tree)}` : html``;
}

function conceptTable({ concepts }: Explanation, numbering: Numbering): Html {
  const first = [...concepts]
    .sort((a, b) => (b.neurons[0]?.iou ?? 0) - (a.neurons[0]?.iou ?? 0))
    .slice(0, conceptsShown);
  const cells = first.map(({ concept, rows, neurons }): Content[] => [
    concept,
    shown(rows),
    ...[0, 1].flatMap((i): Content[] => {
      const found = neurons[i];
      return found ? [html`<code>${found.neuron}</code>`, shown(found.iou)] : ["", ""];
    }),
  ]);
  const caption = `The ${first.length} concepts of ${shown(concepts.length)} that a neuron fits best alone.`;
  return numbering.table(caption, ["concept", "rows", "first", "IoU", "second", "IoU"], cells);
}
