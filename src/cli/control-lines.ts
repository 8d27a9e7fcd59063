import type { BasisControl } from "../methods/corpus/basis-control.js";
import type { AnyResult } from "../methods/result-check.js";

/** Most values whose controls are printed. */
const most = 20;

/** For every value of a concept, the site whose best neuron scores most on held-out sentences, beside its controls. */
export function controlLines(result: AnyResult): string[] {
  if (!("controls" in result) || !Array.isArray(result.controls)) return [];
  const best = new Map<string, BasisControl>();
  for (const control of result.controls as readonly BasisControl[]) {
    const known = best.get(control.value);
    if (!known || control.neuron.score > known.neuron.score) best.set(control.value, control);
  }
  const shown = [...best.values()].slice(0, most);
  const rest = best.size - shown.length;
  const head = ["on held-out sentences", "neuron", "rotation", "direction", "chance"];
  return [row(head), ...shown.map(line), ...(rest > 0 ? [`  and ${rest} more values`] : [])];
}

function line({ value, neuron, rotation, direction, chance }: BasisControl): string {
  const scores = [neuron.score, rotation, direction, chance].map((score) => score.toPrecision(5));
  return row([`${value}: ${neuron.name}`, ...scores]);
}

function row([first = "", ...rest]: readonly string[]): string {
  return `  ${first.padEnd(36)} ${rest.map((text) => text.padStart(9)).join(" ")}`;
}
