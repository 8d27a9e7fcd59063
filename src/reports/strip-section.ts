import type { ActivationSource } from "../activations/source.js";
import { ArgumentError } from "../core/errors.js";
import { resolveConcept } from "../corpus/concepts.js";
import type { MethodContext, Ranking } from "../methods/result.js";
import type { AnyResult } from "../methods/result-check.js";
import { type Strip, strips } from "../methods/visualization/strips.js";
import { conceptText, methodInText, section } from "./headings.js";
import { type Html, html } from "./html.js";
import { isRanking } from "./kinds.js";
import type { Numbering } from "./numbering.js";
import { type Marked, stripHtml, stripLegend } from "./strip.js";

/** How many of a ranking's best neurons are drawn: two, or one where there are many rankings. */
const neuronsEach = (rankings: number) => (rankings > 3 ? 1 : 2);

interface Chosen {
  readonly ranking: Ranking;
  readonly column: number;
  readonly sign: number;
}

/** The best neurons of every ranking over the sentences on which they are strongest, each neuron once. */
export async function stripSection(
  results: readonly AnyResult[],
  sources: readonly ActivationSource[],
  numbering: Numbering,
  context: MethodContext,
): Promise<Html> {
  const figures: Html[] = [];
  for (const source of sources) figures.push(...(await figuresOf(results, source, numbering, context)));
  return section("Activation strips", stripLegend(), ...figures);
}

async function figuresOf(
  results: readonly AnyResult[],
  source: ActivationSource,
  numbering: Numbering,
  context: MethodContext,
): Promise<Html[]> {
  const chosen = choose(results.filter(isRanking).filter((ranking) => sameSites(ranking, source)));
  if (chosen.length === 0) throw new ArgumentError("activations", "activations of the rankings' sites", source.name);
  const options = { columns: chosen.map(({ column }) => column), signs: chosen.map(({ sign }) => sign) };
  const drawn = await strips(source, options, context);
  return drawn.map((strip, i) => figure(strip, chosen[i]!, source, numbering));
}

function choose(rankings: readonly Ranking[]): Chosen[] {
  const chosen = new Map<number, Chosen>();
  for (const ranking of rankings) {
    for (const column of ranking.order.subarray(0, neuronsEach(rankings.length))) {
      if (!chosen.has(column)) chosen.set(column, { ranking, column, sign: signOf(ranking, column) });
    }
  }
  return [...chosen.values()];
}

function signOf(ranking: Ranking, column: number): number {
  return "signs" in ranking && ranking.signs instanceof Int8Array ? (ranking.signs[column] ?? 1) : 1;
}

function sameSites(ranking: Ranking, source: ActivationSource): boolean {
  const names = (sites: Ranking["sites"]) => sites.map(({ name, width }) => `${name} ${width}`).join();
  return names(ranking.sites) === names(source.sites);
}

function figure(strip: Strip, { ranking, sign }: Chosen, source: ActivationSource, numbering: Numbering): Html {
  const rank = ranking.order.indexOf(strip.column) + 1;
  const side = sign < 0 ? "smallest" : "largest";
  const marked = markedBy(ranking, source);
  const underlined = marked ? html` Underlined: ${conceptText(ranking.concept)}.` : null;
  const caption = html`<code>${strip.neuron}</code>, number ${rank} by ${methodInText(ranking.method)}${ranking.concept ? ` for ${conceptText(ranking.concept)}` : ""}: the sentences with its ${side} values.${underlined}`;
  return numbering.figure(caption, stripHtml(strip, marked ?? undefined));
}

/** The rows that have the ranking's concept, where it is one value of a key that the rows have. */
function markedBy({ concept }: Ranking, { table }: ActivationSource): Marked | null {
  if (!concept || concept.value === null || !table?.keys.includes(concept.key)) return null;
  const { labels } = resolveConcept(table, conceptText(concept));
  return (row) => labels[row] === 0;
}
