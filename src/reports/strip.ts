import type { Strip, StripSentence, StripToken } from "../methods/visualization/strips.js";
import { type Content, type Html, html } from "./html.js";
import { shown } from "./numbers.js";

/** Rows that a reader should see marked, such as those that have a concept. */
export type Marked = (row: number) => boolean;

/**
 * A neuron over sentences: orange above its mean, blue below, deeper for further away; marked tokens are underlined.
 * The value stands in each token's title. Text keeps its own direction, so right-to-left scripts read right.
 */
export function stripHtml(strip: Strip, marked: Marked = () => false): Html {
  const sentences = strip.sentences.map(
    (sentence) => html`<p class="strip" dir="auto">${tokensHtml(sentence, strip.kind, marked)}</p>\n`,
  );
  return html`<div class="strips">${sentences}</div>`;
}

function tokensHtml({ tokens }: StripSentence, kind: Strip["kind"], marked: Marked): Content[] {
  return tokens.map((token, i) => {
    const gap = i > 0 && (kind !== "token" || token.spaceBefore) ? " " : "";
    return html`${gap}<span class="${marked(token.row) ? "token marked" : "token"}" style="${background(token)}" title="${title(token)}">${visible(token.text)}</span>`;
  });
}

function title({ text, value }: StripToken): string {
  return `${JSON.stringify(text)}: ${shown(value)}`;
}

/** A token's text; a space that stands alone is shown as an open box, so that its shade is seen. */
function visible(text: string): string {
  return text.replaceAll("\n", "↵");
}

/** At most 62 % opaque: text on it keeps its contrast in light and dark. */
function background({ shade }: StripToken): string {
  const colour = shade < 0 ? "var(--below)" : "var(--above)";
  return `background:color-mix(in srgb,${colour} ${Math.round(Math.min(1, Math.abs(shade)) * 62)}%,transparent)`;
}

/** What the shades of strips mean. */
export function stripLegend(): Html {
  const shades = [-1, -0.5, 0, 0.5, 1].map((shade) => {
    const colour = shade < 0 ? "var(--below)" : "var(--above)";
    const style = `background:color-mix(in srgb,${colour} ${Math.abs(shade) * 62}%,transparent)`;
    return html`<span class="shade" style="${style}"></span>`;
  });
  return html`<p class="legend">below its mean ${shades} above its mean; the deepest shade is the value furthest from the mean. Hold the pointer over a token to read its value.</p>
`;
}
