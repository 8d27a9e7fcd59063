import { neuronName } from "../core/sites.js";
import type { Grouping } from "../methods/result.js";
import { methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";
import { sizeFigure } from "./ranking-figures.js";

/** How large the groups are, and the largest of them. */
export function groupingSection(grouping: Grouping, numbering: Numbering): Html {
  const sizes = grouping.groups.map(({ members }) => members.length);
  const largest = [...grouping.groups]
    .sort((a, b) => b.members.length - a.members.length || a.label - b.label)
    .slice(0, 10);
  const name = (column: number) => html`<code>${neuronName(grouping.sites, column)}</code>`;
  const cells = largest.map(({ label, members, representative }): Content[] => [
    label,
    shown(members.length),
    name(representative),
    [members.slice(0, 3).map((member, i) => [i > 0 ? ", " : "", name(member)]), members.length > 3 ? ", …" : ""],
  ]);
  const neurons = grouping.labels.length;
  const caption = html`${shown(neurons)} neurons in ${shown(sizes.length)} groups, by their size.`;
  return section(
    methodText(grouping.method),
    optionsLine(grouping),
    numbering.figure(caption, sizeFigure(sizes)),
    numbering.table("The largest groups.", ["group", "neurons", "representative", "members"], cells),
  );
}
