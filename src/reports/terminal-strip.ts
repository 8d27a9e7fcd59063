import type { Strip, StripToken } from "../methods/visualization/strips.js";
import { shown } from "./numbers.js";

/** Colours of the 256-colour palette, pale to deep, that black text can be read on. */
const above = [230, 223, 216, 209, 208];
const below = [195, 153, 117, 75, 39];

/** How a strip is written. */
export interface TerminalStripOptions {
  /** `ansi`: shaded backgrounds; `plain`: every token with its value behind it. */
  readonly colour: "ansi" | "plain";
}

/** A neuron over sentences, one line each, as a terminal shows it: orange above its mean, blue below. */
export function terminalStrip(strip: Strip, { colour }: TerminalStripOptions): string {
  const write = colour === "ansi" ? shaded : valued;
  const gap = strip.kind === "token" && colour === "ansi" ? "" : " ";
  const lines = strip.sentences.map(({ tokens }) => tokens.map(write).join(gap));
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

function valued({ text, value }: StripToken): string {
  return `${text.replaceAll("\n", "↵").replaceAll("\x1b", "␛")}(${shown(value)})`;
}
