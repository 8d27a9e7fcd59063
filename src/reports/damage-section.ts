import type { DamageRanking } from "../methods/causal/ablate-each.js";
import { type BeyondNoise, beyondNoise } from "../methods/causal/beyond-noise.js";
import { isOfPairs, isRelative } from "../methods/causal/metric.js";
import { unitName } from "../methods/causal/unit-name.js";
import type { Ranking } from "../methods/result.js";
import { damageMap, layersFigure } from "./damage-figure.js";
import { methodInText, optionsLine, section } from "./headings.js";
import { type Content, type Html, html } from "./html.js";
import { interactionTables } from "./interaction-table.js";
import type { Numbering } from "./numbering.js";
import { shown, shownBetween } from "./numbers.js";
import { scoreFigure, scoresAndProfile } from "./ranking-figures.js";

const rows = 10;

/** A ranking by what becomes worse without each unit, as far as a report shows it. */
export type Damage = Ranking &
  Pick<
    DamageRanking,
    "metric" | "baseline" | "tokens" | "skipped" | "others" | "intervals" | "interactions" | "perSentence"
  >;

export function isDamage(ranking: Ranking): ranking is Damage {
  return ranking.method === "ablation" && "metric" in ranking && "baseline" in ranking && "tokens" in ranking;
}

/** What becomes worse without each neuron, head, layer or group, and how sure that is. */
export function damageSection(ranking: Damage, numbering: Numbering): Html {
  return section(
    "Damage by ablation",
    optionsLine(ranking),
    damageSentence(ranking),
    figure(ranking, numbering),
    worstTable(ranking, numbering),
    ranking.interactions ? interactionTables(ranking, ranking.interactions, numbering) : null,
  );
}

function unitOf({ options }: Damage): string {
  return typeof options.each === "string" ? options.each : "neuron";
}

function damageSentence(ranking: Damage): Html {
  const { metric, baseline, tokens, skipped, others, perSentence, intervals, options } = ranking;
  const unit = unitOf(ranking);
  const name = methodInText(metric);
  const of = others ? html` of ${String(options.concept)}` : null;
  const before = isRelative(metric) ? null : html`; it is ${shown(baseline)} with all of them`;
  const beside = others && !isRelative(metric) ? html` (${shown(others.baseline)} over the others)` : null;
  const beyond = intervals && beyondNoise(metric, intervals);
  const left = skipped > 0 ? html` Sentences that predict nothing are left out: ${shown(skipped)}.` : null;
  const file = perSentence && html` The damage to every sentence is in <code>${perSentence.file}</code>.`;
  return html`<p>Damage is how much worse the metric, ${name}, becomes without the ${unit}${before}, over ${shown(tokens)} ${countedBy(ranking)}${of}${beside}.${beyond ? beyondSentence(beyond) : null}${left}${file ?? null}</p>
`;
}

/** What the metric is a mean over: where it counts as many as there are sentences, it is of one thing in each. */
function countedBy({ metric, tokens, intervals }: Damage): string {
  if (isOfPairs(metric)) return "pairs";
  return intervals?.sentences === tokens ? "sentences" : "tokens";
}

function beyondSentence({ above, below, chance, units }: BeyondNoise): Html {
  const expected = chance < 10 ? chance.toFixed(1) : shown(Math.round(chance));
  return html` Of ${shown(units)} intervals, ${shown(above)} above 0 and ${shown(below)} below; about ${expected} of each are expected by chance.`;
}

function figure(ranking: Damage, numbering: Numbering): Html {
  const { sites, scores, order } = ranking;
  const unit = unitOf(ranking);
  if (unit === "layer") return numbering.figure("Damage of each layer, with its 95 % interval.", layersFigure(ranking));
  if (unit !== "head") return scoresAndProfile(ranking, `${unit}s`, numbering);
  const { drawing, unit: step } = damageMap(sites, scores);
  const caption = html`Scores by rank, and damage of each head of each layer in units of ${step}: red where the metric is worse without it, blue where it is better.`;
  return numbering.figure(caption, scoreFigure(scores, order), drawing);
}

function worstTable(ranking: Damage, numbering: Numbering): Html {
  const { sites, order, scores, intervals, others } = ranking;
  const unit = unitOf(ranking);
  const best = [...order.subarray(0, rows)];
  const cells = best.map((column, i): Content[] => [
    i + 1,
    html`<code>${unitName(sites, column)}</code>`,
    shown(scores[column]!),
    ...(intervals ? [shownBetween(intervals, column)] : []),
    ...(others ? [shown(others.damage[column]!), shown(scores[column]! - others.damage[column]!)] : []),
  ]);
  const head = ["", unit, "damage", ...(intervals ? ["95 % interval"] : []), ...(others ? ["to others", "difference"] : [])]; // biome-ignore format: one line
  return numbering.table(html`The ${best.length} of ${shown(order.length)} ${unit}s that do most damage.`, head, cells);
}
