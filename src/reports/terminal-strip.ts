import type { Strip, StripToken } from "../methods/visualization/strips.js";
import { shown } from "./numbers.js";
import { baseDirection, hasRightToLeft } from "./text-direction.js";

/** Colours of the 256-colour palette, pale to deep, that black text can be read on. */
const above = [230, 223, 216, 209, 208];
const below = [195, 153, 117, 75, 39];

/** How a strip is written. */
export interface TerminalStripOptions {
  /** `ansi`: shaded backgrounds; `plain`: every token with its value behind it. */
  readonly colour: "ansi" | "plain";
}

/** Unicode's isolates: from right to left, as its first letter says, and the end of either. */
const [fromRight, byItself, end] = ["\u2067", "\u2068", "\u2069"];

/**
 * A neuron over sentences, one line each, as a terminal shows it: orange above its mean, blue below. Sentences that begin from
 * right to left are marked so, which terminals that know scripts follow and others do not show.
 */
export function terminalStrip(strip: Strip, { colour }: TerminalStripOptions): string {
  const write = colour === "ansi" ? shaded : valued;
  const joined = strip.kind === "token" && colour === "ansi";
  const lines = strip.sentences.map(({ tokens }) => {
    const line = tokens.map((token, i) =>
      i > 0 && (!joined || token.spaceBefore) ? ` ${write(token)}` : write(token),
    );
    const base = baseDirection(tokens.map(({ text }) => text));
    return base === "rtl" ? `${fromRight}${line.join("")}${end}` : line.join("");
  });
  return [strip.neuron, ...lines].join("\n");
}

/** A strip's colours explained, in the same colours. */
export function terminalLegend(): string {
  const shades = [-1, -0.5, 0, 0.5, 1].map((shade) => shaded({ row: 0, text: "  ", value: 0, shade }));
  return `below its mean ${shades.join("")} above its mean`;
}

function shaded({ text, shade }: StripToken): string {
  const visible = text.replaceAll("\n", "↵").replaceAll("\x1b", "␛");
  const palette = shade < 0 ? below : above;
  const step = Math.round(Math.abs(shade) * palette.length) - 1;
  return step < 0 ? visible : `\x1b[38;5;16;48;5;${palette[step]}m${visible}\x1b[0m`;
}

/** A value stays behind its token whatever the token's script. */
function valued({ text, value }: StripToken): string {
  const visible = text.replaceAll("\n", "↵").replaceAll("\x1b", "␛");
  return `${hasRightToLeft(text) ? `${byItself}${visible}${end}` : visible}(${shown(value)})`;
}
