import type { Strip, StripToken } from "../methods/visualization/strips.js";
import { type Content, type Html, html } from "./html.js";
import { shown } from "./numbers.js";
import { baseDirection, columnsOf, directionOf, visualOrder } from "./text-direction.js";

const em = { size: 16, advance: 9.64, line: 30, margin: 12 };

/**
 * A neuron over sentences as an SVG picture of its own, one line each, in a font whose characters are equally wide;
 * light and dark follow the reader's setting. Sentences that begin from right to left start at the right edge.
 */
export function stripSvg(strip: Strip): string {
  const lengths = strip.sentences.map(({ tokens }) =>
    tokens.reduce((sum, token) => sum + columnsOf(token.text) + gapBefore(token, strip), 0),
  );
  const width = 2 * em.margin + em.advance * Math.max([...strip.neuron].length, ...lengths);
  const height = 2 * em.margin + em.line * (strip.sentences.length + 1);
  const lines = strip.sentences.map(({ tokens }, line) => {
    const start = baseDirection(tokens.map(({ text }) => text)) === "ltr" ? 0 : width - 2 * em.margin - em.advance * lengths[line]!; // biome-ignore format: one line
    return lineSvg(tokens, em.margin + start, em.margin + em.line * (line + 1), strip);
  });
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" width="${width.toFixed(0)}" height="${height}" role="img" aria-label="activation strip of ${strip.neuron}">
<style>
svg { --paper: #fffefb; --ink: #1c1b1a; --above: #e8762c; --below: #3f8fd6; }
@media (prefers-color-scheme: dark) { svg { --paper: #161513; --ink: #ece8e1; --above: #d9661c; --below: #2f7cc0; } }
text { font: ${em.size}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink); white-space: pre; }
.above { fill: var(--above); } .below { fill: var(--below); }
</style>
<rect width="100%" height="100%" style="fill: var(--paper)"></rect>
<text x="${em.margin}" y="${em.margin + 16}" font-weight="600">${strip.neuron}</text>
${lines}</svg>
`.markup;
}

/** Columns of the space before a token. */
function gapBefore({ spaceBefore }: StripToken, { kind }: Strip): number {
  return kind !== "token" || spaceBefore ? 1 : 0;
}

/** Tokens as they stand from left to right; the space before a token is on the side where its sentence comes from. */
function lineSvg(tokens: readonly StripToken[], start: number, y: number, strip: Strip): Content {
  const texts = tokens.map(({ text }) => text);
  const mirrored = baseDirection(texts) === "rtl";
  let x = start;
  return visualOrder(texts).map((i) => {
    const token = tokens[i]!;
    const [width, gap] = [em.advance * columnsOf(token.text), i === 0 ? 0 : em.advance * gapBefore(token, strip)];
    const drawn = tokenSvg(token, mirrored ? x : x + gap, y, width);
    x += width + gap;
    return drawn;
  });
}

function tokenSvg({ text, value, shade }: StripToken, x: number, y: number, width: number): Html {
  const side = shade < 0 ? "below" : "above";
  const opacity = (0.62 * Math.min(1, Math.abs(shade))).toFixed(2);
  const place = html`x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}"`;
  const direction = directionOf(text) === "rtl" ? html` direction="rtl" lengthAdjust="spacingAndGlyphs"` : null;
  return html`<g><title>${JSON.stringify(text)}: ${shown(value)}</title><rect ${place} height="24" class="${side}" fill-opacity="${opacity}"></rect><text x="${(x + width / 2).toFixed(1)}" y="${y + 17}" text-anchor="middle" textLength="${width.toFixed(1)}"${direction}>${text}</text></g>
`;
}
