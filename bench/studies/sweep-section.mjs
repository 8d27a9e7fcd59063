import { join } from "node:path";
import { halvesOf } from "./halves.mjs";
import { writeHeatMap } from "./heat-map.mjs";
import { beyondNoiseOf } from "./noise.mjs";
import { amount, between, counted, percent } from "./numbers.mjs";
import { root } from "./program.mjs";
import { sharedTrait } from "./shared-trait.mjs";
import { shown, unseen } from "./sweep-results.mjs";
import { contextLine, markdownTable, worstUnits } from "./tables.mjs";

const { isRelative } = await import(join(root, "dist/methods/causal/metric.js"));

/** Contexts of each neuron that stand in its table. */
const shownContexts = 3;

/** What a metric is counted in. */
export function unitOf(metric, model) {
  if (metric === "representation") return "share of length";
  return model.startsWith("byte") ? "nats per byte" : "nats per token";
}

/** What a sweep found, as a section of the page; `finding` says it in words, of all that was computed. */
export async function sweepSection(sweep, results, finding) {
  const { model, each, metric } = sweep;
  const { name, result, alone, unseen } = results;
  const unit = unitOf(metric, model);
  const halves = await halvesOf(name, result);
  const rows = worstUnits(result, shown, unit);
  const section = [
    `## ${model}: every ${each} by ${metric}`,
    `${whatWasDone(sweep, result, unit)} ${beyondChance(result)}`.trim(),
    finding({ ...results, halves }),
    each === "head" ? pictureOf(name, result, unit) : null,
    markdownTable(each === "head" ? rows : withContexts(rows, results, model)),
    alone && `${aloneText(alone.values, result)}\n\n${unseenText(unseen.values, unit)}`,
    halvesText(halves, each),
    `\`${result.command}\``,
  ].filter(Boolean);
  return { section: section.join("\n\n"), halves };
}

function whatWasDone({ sentences, model }, { order, tokens, baseline, metric, operations, options }, unit) {
  const where = options.positions === "content" ? ", special tokens left as they are" : "";
  const before = isRelative(metric) ? "" : `; ${metric} of the whole model: ${baseline.toPrecision(4)} ${unit}`;
  const what = metric === "representation" ? "" : "predicted ";
  const rows = model.startsWith("byte") ? "bytes" : "tokens";
  return `${counted(order.length)} ${options.each}s, one at a time, set to their mean${where}, over the first ${sentences} sentences of EWT dev (${counted(tokens)} ${what}${rows}${before}), with ${percent(operations.sweep / operations.wholePasses)} of the arithmetic of a whole pass for each.`;
}

function beyondChance(result) {
  const beyond = beyondNoiseOf(result);
  if (!beyond) return "";
  return `Of ${counted(beyond.units)} intervals ${counted(beyond.above)} lie above 0 and ${counted(beyond.below)} below; of ${result.options.each}s without any effect, about ${counted(Math.round(beyond.chance))} of each would.`;
}

function pictureOf(name, result, unit) {
  const counts = writeHeatMap(`${name}.svg`, result);
  const blue = isRelative(result.metric) ? "" : ", blue where the model is better without the head";
  return `![Damage by layer and head](${name}.svg)\n\n*Damage by layer (upwards) and head, in units of ${counts} (${unit}); cells without a number round to 0. Colours grow with its square root${blue}.*`;
}

/** Beside each neuron where in the treebank it is largest, and what the words or bytes there have in common. */
function withContexts(rows, { contexts }, model) {
  const bytes = model.startsWith("byte");
  const byName = new Map(contexts.neurons.map((own) => [own.neuron, own]));
  const lines = (ends) =>
    ends.slice(0, shownContexts).map((context) => contextLine(context, bytes)).join(" · "); // biome-ignore format: one line
  return rows.map((row) => {
    const { top, bottom } = byName.get(row.neuron);
    const trait = sharedTrait(top, bytes);
    return {
      ...row,
      [`common to the ${contexts.options.top} largest`]: trait ? `${trait.name} (${trait.count})` : "—",
      "largest value": amount(top[0].value),
      "largest on": lines(top),
      ...(bytes && { "smallest on": lines(bottom) }),
    };
  });
}

/** What an ablation of the first neuron alone finds, beside ten that are drawn at random from its site. */
function aloneText({ top, random, bottom, baseline, draws }, { order, scores }) {
  const damage = ([value]) => amount(value - baseline);
  return `Taken away alone (\`--ranking … --counts 1\`) the first neuron does a damage of ${damage(top)}, where the sweep says ${amount(scores[order[0]])}; each of ${draws.length} drawn at random from its site ${damage(random)} on average, the last of the ranking ${damage(bottom)}.`;
}

/** What the first neurons do on sentences that their ranking has not seen, beside others from the same sites. */
function unseenText({ counts, top, random, bottom, draws, baseline }, unit) {
  const rows = counts.map((count, i) => {
    const drawn = draws.map((draw) => draw[i] - baseline);
    return {
      "neurons at once": count,
      "first of the ranking": amount(top[i] - baseline),
      [`random, mean of ${draws.length} draws (least … most)`]: `${amount(random[i] - baseline)} (${between(Math.min(...drawn), Math.max(...drawn))})`,
      "last of the ranking": amount(bottom[i] - baseline),
    };
  });
  return `On the next ${unseen} sentences, which the ranking has not seen, damage in ${unit}, where the random ones are of the same sites as the first:\n\n${markdownTable(rows)}`;
}

function halvesText({ splits, shared, correlation }, each) {
  return `The sentences halved at random, ${splits} times: the halves share ${shared.mean.toFixed(1)} of the ten ${each}s of most damage (${shared.least} to ${shared.most}), and the damage of all ${each}s has a rank correlation of ${correlation.mean.toFixed(2)} (${correlation.least.toFixed(2)} to ${correlation.most.toFixed(2)}).`;
}
