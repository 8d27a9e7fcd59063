import type { ExplainedNeuron } from "../methods/corpus/explanation.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

const neuronsShown = 15;

/** The neurons that speak of several concepts most clearly: what each is on and off for. */
export function profileTable(neurons: readonly ExplainedNeuron[], numbering: Numbering): Html | null {
  const several = neurons.filter(({ profile }) => profile.concepts.length > 1);
  if (several.length === 0) return null;
  const second = ({ profile }: ExplainedNeuron) => Math.abs(profile.concepts[1]!.phi);
  const clearest = several.sort((a, b) => second(b) - second(a) || a.column - b.column).slice(0, neuronsShown);
  const cells = clearest.map(({ neuron, profile }): Content[] => [
    html`<code>${neuron}</code>`,
    profile.kind,
    concepts(profile, (phi) => phi > 0),
    concepts(profile, (phi) => phi < 0),
    profile.disjoint === null ? "" : shown(profile.disjoint),
  ]);
  const caption = `Neurons that speak of several concepts, by the second strongest: with φ, each judged on the rows that none of the stronger ones has. Disjoint: how little the concepts have in common, at most 1.`;
  return numbering.table(caption, ["neuron", "kind", "on for", "off for", "disjoint"], cells);
}

function concepts({ concepts }: ExplainedNeuron["profile"], side: (phi: number) => boolean): string {
  return concepts
    .filter(({ phi }) => side(phi))
    .map(({ concept, phi }) => `${concept} (${shown(phi)})`)
    .join(", ");
}
