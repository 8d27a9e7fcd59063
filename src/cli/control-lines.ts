import type { BasisControl } from "../methods/corpus/basis-control.js";
import { bestControls } from "../methods/corpus/best-controls.js";
import type { AnyResult } from "../methods/result-check.js";

/** Most values whose controls are printed. */
const most = 20;

/** For every value of a concept, the site whose best neuron scores most on held-out sentences, beside its controls. */
export function controlLines(result: AnyResult): string[] {
  if (!("controls" in result) || !Array.isArray(result.controls)) return [];
  const best = bestControls(result.controls as readonly BasisControl[]);
  if (best.size === 0) return ["  too few rows to hold some out"];
  const shown = [...best.values()].slice(0, most);
  const rest = best.size - shown.length;
  const head = ["on held-out sentences", "neuron", "rotation", "direction", "chance"];
  return [
    row(head),
    ...shown.map(line),
    ...(rest > 0 ? [`  and ${rest} more values`] : []),
    ...withoutLine(result, best),
  ];
}

/** The values that have no control, as their rows all lie in the same half of the sentences: too few to be held out. */
function withoutLine(result: AnyResult, controlled: ReadonlyMap<string, unknown>): string[] {
  const values = "values" in result && typeof result.values === "object" ? Object.keys(result.values ?? {}) : [];
  const without = values.filter((value) => !controlled.has(value));
  if (without.length === 0) return [];
  const named = without.slice(0, 5).join(", ") + (without.length > 5 ? `, and ${without.length - 5} more` : "");
  return [`  too few rows to hold some out: ${named}`];
}

function line({ value, neuron, rotation, direction, chance }: BasisControl): string {
  const scores = [neuron.score, rotation, direction, chance].map((score) => score.toPrecision(5));
  return row([`${value}: ${neuron.name}`, ...scores]);
}

function row([first = "", ...rest]: readonly string[]): string {
  return `  ${first.padEnd(36)} ${rest.map((text) => text.padStart(9)).join(" ")}`;
}
