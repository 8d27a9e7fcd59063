import { neuronName } from "../core/sites.js";
import type { Order, Ranking } from "../methods/result.js";
import { controlsTable, isControlled } from "./controls-table.js";
import { damageSection, isDamage } from "./damage-section.js";
import { expertsTable, hasExperts } from "./experts-table.js";
import { conceptText, methodText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import { isMatched, matchTable } from "./match-table.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";
import { scoresAndProfile } from "./ranking-figures.js";

const rows = 10;
const valuesShown = 40;

/** The best neurons of a ranking, how its scores fall, and in which sites its best neurons lie. */
export function rankingSection(ranking: Ranking, numbering: Numbering): Html {
  if (isDamage(ranking)) return damageSection(ranking, numbering);
  return section(
    headingOf(ranking),
    optionsLine(ranking),
    scoresAndProfile(ranking, "neurons", numbering),
    bestTable(ranking, numbering),
    isOrders(ranking.values) ? valuesTable(ranking, ranking.values, numbering) : null,
    hasExperts(ranking) ? expertsTable(ranking, numbering) : null,
    isControlled(ranking) ? controlsTable(ranking, numbering) : null,
    isMatched(ranking) ? matchTable(ranking, numbering) : null,
  );
}

function headingOf({ method, concept }: Ranking): string {
  return `${methodText(method)}${concept ? `: ${conceptText(concept)}` : ""}`;
}

function bestTable(ranking: Ranking, numbering: Numbering): Html {
  const beside = besideScores(ranking);
  const best = [...ranking.order.subarray(0, rows)];
  const cells = best.map((column, i): Content[] => [
    i + 1,
    html`<code>${neuronName(ranking.sites, column)}</code>`,
    ...(ranking.best ? [ranking.best[column] ?? ""] : []),
    shown(ranking.scores[column]!),
    ...beside.map(([name, values]) => (name === "signs" ? signText(values[column]!) : shown(values[column]!))),
  ]);
  const names = beside.map(([name]) => (name === "signs" ? "speaks by" : name));
  const head = ["", "neuron", ...(ranking.best ? ["value"] : []), "score", ...names];
  return numbering.table(html`The best ${best.length} of ${shown(ranking.order.length)} neurons.`, head, cells);
}

/** Numbers that a method gives beside the scores, one per column. */
function besideScores(ranking: Ranking): [string, Float64Array | Int8Array][] {
  const known = [
    "signs",
    "chance",
    "ceiling",
    "adjusted",
    "phi",
    "q",
    "familywise",
    "r2",
    "high",
    "low",
    "on_p50",
    "on_p90",
    "off_mean",
  ];
  return Object.entries(ranking).filter(
    (entry): entry is [string, Float64Array | Int8Array] => known.includes(entry[0]) && isColumns(entry[1]),
  );
}

function isColumns(field: unknown): field is Float64Array | Int8Array {
  return field instanceof Float64Array || field instanceof Int8Array;
}

function signText(sign: number): string {
  return sign < 0 ? "small values" : "large values";
}

function valuesTable(ranking: Ranking, values: Readonly<Record<string, Order>>, numbering: Numbering): Html {
  const all = Object.entries(values);
  const bestOf = ({ order, scores }: Order) => scores[order[0]!] ?? 0;
  const chosen =
    all.length > valuesShown ? all.sort(([, a], [, b]) => bestOf(b) - bestOf(a)).slice(0, valuesShown) : all;
  const cells = chosen.map(([value, order]): Content[] => [
    value,
    ...[...order.order.subarray(0, 2)].flatMap((column) => [
      html`<code>${neuronName(ranking.sites, column)}</code>`,
      shown(order.scores[column]!),
    ]),
  ]);
  const which = all.length > valuesShown ? `the ${valuesShown} values with the best neurons, of ${shown(all.length)}` : `each value of ${conceptText(ranking.concept)}`; // biome-ignore format: one line
  const caption = html`The best two neurons of ${which}.`;
  return numbering.table(caption, ["value", "first", "score", "second", "score"], cells);
}

/** Whether the rankings of each value are here, and not in a file beside. */
function isOrders(values: Ranking["values"]): values is Readonly<Record<string, Order>> {
  return values !== undefined && Object.values(values).every((order) => typeof order === "object" && "order" in order);
}
