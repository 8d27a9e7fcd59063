import type { Strip } from "../methods/visualization/strips.js";
import { html } from "./html.js";
import { Numbering } from "./numbering.js";
import { page } from "./page.js";
import { stripHtml, stripLegend } from "./strip.js";

/** Neurons over sentences as an HTML page of its own; every script is read in its own direction. */
export function stripPage(strips: readonly Strip[]): string {
  const numbering = new Numbering();
  const figures = strips.map((strip) => numbering.figure(html`<code>${strip.neuron}</code>`, stripHtml(strip)));
  return page(strips.map(({ neuron }) => neuron).join(", "), [], [stripLegend(), ...figures]);
}
