import { neuronName, type Site } from "../core/sites.js";
import type { Ranking } from "../methods/result.js";
import { type Content, type Html, html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

/** Per other source: the column that each neuron matches best and the signed correlation with it; lists where K > 1. */
interface Match {
  readonly source: string;
  readonly columns: readonly (number | readonly number[])[];
  readonly r: readonly (number | readonly number[])[];
  readonly sites?: readonly Site[];
}

type Matched = Ranking & { readonly matches: readonly Match[] };

/** Whether a ranking says which neurons of other sources its neurons match. */
export function isMatched(ranking: Ranking): ranking is Matched {
  return "matches" in ranking && Array.isArray(ranking.matches);
}

/** The matches of the best neurons in every other source. */
export function matchTable(ranking: Matched, numbering: Numbering): Html {
  const cells = [...ranking.order.subarray(0, 10)].map((column): Content[] => [
    html`<code>${neuronName(ranking.sites, column)}</code>`,
    ...ranking.matches.flatMap(({ columns, r, sites }) => {
      const match = first(columns[column]);
      return [html`<code>${sites ? neuronName(sites, match) : String(match)}</code>`, shown(first(r[column]))];
    }),
  ]);
  const head = ["neuron", ...ranking.matches.flatMap(({ source }) => [source, "r"])];
  return numbering.table("The neurons of the other sources that these match best.", head, cells);
}

function first(value: number | readonly number[] | undefined): number {
  return typeof value === "object" ? (value[0] ?? 0) : (value ?? 0);
}
