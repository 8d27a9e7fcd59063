import type { DamageRanking } from "../methods/causal/ablate-each.js";
import { type BeyondNoise, beyondNoise } from "../methods/causal/beyond-noise.js";
import { isRelative } from "../methods/causal/metric.js";
import type { Ranking } from "../methods/result.js";

/** Whether a ranking is by what becomes worse without each unit. */
export function isDamage(ranking: Ranking): ranking is DamageRanking {
  return ranking.method === "ablation" && "operations" in ranking;
}

/** What a sweep ranked, and the metric of the untouched model. */
export function describeDamage(ranking: DamageRanking): string {
  const units = `${counted(ranking.scores.length)} ${ranking.options.each}s ranked by damage`;
  const { skipped } = ranking;
  const left = skipped > 0 ? ` (sentences that predict nothing, left out: ${counted(skipped)})` : "";
  const intervals = ranking.intervals ? ", each with its 95 % interval" : "";
  return `${units}: ${baselineText(ranking)}${left}${intervals}`;
}

/** The metric before; nothing but its name where that is 0 by what it means. */
function baselineText({ metric, baseline, others, options }: DamageRanking): string {
  const over = others ? ` over ${options.concept} and ${shown(others.baseline)} over the others` : "";
  if (isRelative(metric)) return others ? `${metric} over ${options.concept}, and over the others` : metric;
  return `${metric} is ${shown(baseline)}${over} with all of them`;
}

/** The damage to what lacks the concept, beside that of a unit. */
export function othersText({ others }: DamageRanking, column: number): string | undefined {
  return others && `others ${shown(others.damage[column] ?? 0)}`;
}

/** How many units do more than chance, and where the damage to every sentence is. */
export function damageLines(ranking: DamageRanking): string[] {
  const { perSentence, intervals, metric } = ranking;
  const beyond = intervals && beyondNoise(metric, intervals);
  return [
    ...(beyond ? [`  ${beyondText(beyond)}`] : []),
    ...(perSentence ? [`  ${perSentence.file}: the damage to each of ${counted(perSentence.sentences.length)} sentences`] : []), // biome-ignore format: one line
  ];
}

/** `of 768 intervals 57 above 0 and 12 below; about 19 of each are expected by chance`. */
function beyondText({ above, below, chance, units }: BeyondNoise): string {
  const expected = chance < 10 ? chance.toFixed(1) : counted(Math.round(chance));
  return `of ${counted(units)} intervals ${counted(above)} above 0 and ${counted(below)} below; about ${expected} of each are expected by chance`;
}

function shown(value: number): string {
  return value.toPrecision(5);
}

function counted(count: number): string {
  return count.toLocaleString("en");
}
