import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./program.mjs";

const { damageMap } = await import(join(root, "dist/reports/damage-figure.js"));

const colours = {
  light: "--paper: #fffefb; --ink: #1c1b1a; --faint: #b9b4ab; --top: #a63a12; --bottom: #1f5f99;",
  dark: "--paper: #161513; --ink: #ece8e1; --faint: #5a554d; --top: #f0946a; --bottom: #7db8ee;",
};

/** Writes damage by layer and head as a picture of its own, as reports draw it, and says what its numbers count. */
export function writeHeatMap(name, { sites, scores }) {
  const { drawing, unit } = damageMap(sites, Float64Array.from(scores));
  const style = `<style>svg { ${colours.light} color: var(--ink); background: var(--paper); font-family: sans-serif; } @media (prefers-color-scheme: dark) { svg { ${colours.dark} } }</style>`;
  const [head, ...rest] = drawing.markup.split(/(?<=^<svg [^>]*>)/);
  const named = head.includes("xmlns=") ? head : head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ');
  writeFileSync(join(root, "bench/studies", name), `${named}${style}${rest.join("")}\n`);
  return unit;
}
