import type { Interactions } from "../methods/causal/interactions.js";
import { strongestPairs } from "../methods/causal/strongest-pairs.js";
import { unitName } from "../methods/causal/unit-name.js";
import type { Ranking } from "../methods/result.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown, shownBetween } from "./numbers.js";

const most = 10;

/** The strongest interactions, and the effects of the first units with each other. */
export function interactionTables(
  { sites }: Ranking,
  { order, effects, intervals }: Interactions,
  numbering: Numbering,
): Html {
  const name = (unit: number) => html`<code>${unitName(sites, order[unit]!)}</code>`;
  const pairs = strongestPairs({ order, effects }, most).map(({ first, second, place }): Content[] => [
    name(first),
    name(second),
    shown(effects[place]!),
    ...(intervals ? [shownBetween(intervals, place)] : []),
  ]);
  const caption = html`Damage of two at a time − the sum of their damages, among the ${order.length} of most damage: above 0 the one makes up for the loss of the other.`;
  const head = ["first", "second", "effect", ...(intervals ? ["95 % interval"] : [])];
  const units = [...order.keys()].slice(0, most);
  const rows = units.map((row): Content[] => [
    row + 1,
    name(row),
    ...units.map((column) => shown(effects[row * order.length + column]!)),
  ]);
  const names = ["", "", ...units.map((unit) => `${unit + 1}`)];
  const each = "The same, each with each, by the numbers on the left.";
  return html`${numbering.table(caption, head, pairs)}${numbering.table(each, names, rows)}`;
}
