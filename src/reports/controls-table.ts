import type { BasisControl } from "../methods/corpus/basis-control.js";
import { bestControls } from "../methods/corpus/best-controls.js";
import type { Ranking } from "../methods/result.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

type Controlled = Ranking & { readonly controls: readonly BasisControl[] };

const valuesShown = 30;

/** Whether a ranking has basis controls beside its scores. */
export function isControlled(ranking: Ranking): ranking is Controlled {
  return "controls" in ranking && Array.isArray(ranking.controls);
}

/** Per value the site whose best neuron does best on held-out sentences, beside the two controls; what beats the rotation by most comes first. */
export function controlsTable({ controls, values = {} }: Controlled, numbering: Numbering): Html {
  const best = bestControls(controls);
  const gain = ({ neuron, rotation }: BasisControl) => neuron.score - rotation;
  const all = [...best.values()].sort((a, b) => gain(b) - gain(a));
  const ahead = all.filter((control) => gain(control) > 0).length;
  const cells = all
    .slice(0, valuesShown)
    .map(({ value, neuron, rotation, direction, chance }): Content[] => [
      value,
      html`<code>${neuron.name}</code>`,
      ...[neuron.score, rotation, direction, chance].map(shown),
    ]);
  const several = all.length > 1 ? ` For ${shown(ahead)} of ${shown(all.length)} the neuron is ahead of the rotation; the first ${Math.min(valuesShown, all.length)} by how far.` : ""; // biome-ignore format: one line
  const without = Object.keys(values).filter((value) => value !== "file" && !best.has(value));
  const few = without.length > 0 ? ` Too few rows to hold some out: ${without.slice(0, 10).join(", ")}${without.length > 10 ? ` and ${shown(without.length - 10)} more` : ""}.` : ""; // biome-ignore format: one line
  const caption = `On held-out sentences: the neuron that was best on the others, the best direction of a random rotation of its site, the direction of the concept, and chance. Only what beats the rotation is the neuron’s own.${several}${few}`;
  return numbering.table(caption, ["value", "neuron", "score", "rotation", "direction", "chance"], cells);
}
