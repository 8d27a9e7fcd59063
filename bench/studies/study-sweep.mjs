import { join } from "node:path";
import { modelPath, resultOf, root, sentencesOf, treebank, workPath } from "./commands.mjs";
import { halvesOf, rankCorrelation } from "./halves.mjs";
import { writeHeatMap } from "./heat-map.mjs";
import { beyondNoiseOf } from "./noise.mjs";
import { contextLine, counted, markdownTable, percent, worstUnits } from "./tables.mjs";

const { isRelative } = await import(join(root, "dist/methods/causal/metric.js"));

const shown = 10;

/** Sentences behind those of a sweep, on which its ranking is tried. */
const unseen = 50;

/** Runs a sweep, and writes what it found: its section, and its result. */
export async function studySweep(sweep, notes) {
  const { model, each, metric, sentences, positions = "all" } = sweep;
  const name = `${model}-${each}-${metric}`;
  const ablate = (corpus) => ["ablate", "--model", modelPath(model), "--corpus", corpus, "--value", "mean", "--metric", metric, "--positions", positions]; // biome-ignore format: one line
  const result = resultOf(name, [...ablate(sentencesOf(sentences)), "--each", each, "--per", "sentence"]);
  const ranking = ["--ranking", workPath(`${name}.json`), "--counts"];
  const checked = each === "neuron" && {
    alone: resultOf(`${name}-alone`, [...ablate(sentencesOf(sentences)), ...ranking, "1"]).values,
    unseen: resultOf(`${name}-unseen`, [...ablate(sentencesOf(unseen, sentences)), ...ranking, "10,100"]).values,
  };
  const section = [
    `## ${model}: every ${each} by ${metric}`,
    `${whatWasDone(result, sentences)} ${beyondChance(result)}`.trim(),
    notes[name],
    each === "head" ? pictureOf(name, result) : null,
    markdownTable(each === "head" ? worstUnits(result, shown) : withContexts(model, result)),
    checked && `${aloneText(checked.alone, result)}\n\n${unseenText(checked.unseen)}`,
    halvesText(await halvesOf(name, result), each),
  ].filter(Boolean);
  return { section: section.join("\n\n"), result };
}

function whatWasDone({ order, tokens, baseline, metric, operations, options }, sentences) {
  const where = options.positions === "content" ? ", special tokens left as they are" : "";
  const before = isRelative(metric) ? "" : `; ${metric} of the whole model ${baseline.toPrecision(4)}`;
  return `${counted(order.length)} ${options.each}s set to their mean${where}, over the first ${sentences} sentences of EWT dev (${counted(tokens)} tokens that count${before}): ${percent(operations.sweep / operations.wholePasses)} of the arithmetic of a whole pass for each.`;
}

function beyondChance(result) {
  const beyond = beyondNoiseOf(result);
  if (!beyond) return "";
  return `Of ${counted(beyond.units)} intervals ${counted(beyond.above)} lie above 0 and ${counted(beyond.below)} below; of ${result.options.each}s without any effect, about ${counted(Math.round(beyond.chance))} of each would.`;
}

function pictureOf(name, result) {
  const unit = writeHeatMap(`${name}.svg`, result);
  const blue = isRelative(result.metric) ? "" : ", blue where the model is better without the head";
  return `![Damage by layer and head](${name}.svg)\n\nDamage by layer (upwards) and head, in units of ${unit}; colours grow with its square root${blue}.`;
}

/** The units of most damage, with the words or bytes of the whole treebank on which they are largest. */
function withContexts(model, result) {
  const rows = worstUnits(result, shown);
  const bytes = model.startsWith("byte");
  const sites = [...new Set(rows.map(({ neuron }) => neuron.split(":")[0]))].sort();
  const rowWords = bytes ? [] : ["--rows", "word", "--pool", "max"];
  const found = resultOf(`${model}-${result.metric}-contexts`, ["contexts", "--model", modelPath(model), "--corpus", treebank, "--sites", sites.join(","), "--top", "3", "--window", bytes ? "8" : "3", ...rowWords]); // biome-ignore format: one line
  const byName = new Map(found.neurons.map((own) => [own.neuron, own]));
  return rows.map((row) => {
    const { top, bottom } = byName.get(row.neuron);
    const lines = (contexts) => contexts.map((context) => contextLine(context, model)).join(" · ");
    const ends = bytes ? { "smallest (hidden units have both ends)": lines(bottom) } : {};
    return { ...row, "value there": top[0].value.toFixed(2), "largest on": lines(top), ...ends };
  });
}

/** What an ablation of the first neuron alone finds, beside ten that are drawn at random from its site. */
function aloneText({ top, random, bottom, baseline }, { order, scores }) {
  const damage = ([value]) => (value - baseline).toPrecision(3);
  return `Taken away alone (\`--ranking … --counts 1\`) the first neuron does a damage of ${damage(top)}, where the sweep says ${scores[order[0]].toPrecision(3)}; each of ten drawn at random from its site ${damage(random)} on average, the last of the ranking ${damage(bottom)}.`;
}

/** What the first neurons do on sentences that their ranking has not seen, beside others from the same sites. */
function unseenText({ counts, top, random, bottom, draws, baseline }) {
  const damage = (values, i) => (values[i] - baseline).toPrecision(3);
  const ofMany = (count, i) => {
    const beaten = draws.filter((draw) => draw[i] < top[i]).length;
    return `${damage(top, i)} without the first ${count}, ${damage(random, i)} without ${count} random ones of the same sites (less in ${beaten} of ${draws.length} draws), ${damage(bottom, i)} without the last ${count}`;
  };
  return `On the next ${unseen} sentences, which the ranking has not seen, the damage is ${counts.map(ofMany).join("; ")}.`;
}

function halvesText({ shared, correlation }, each) {
  return `Every other sentence against the rest: they share ${shared} of the ten ${each}s of most damage, and the damage of all ${each}s has a rank correlation of ${correlation.toFixed(2)}.`;
}

/** How far two rankings of the same neurons say the same. */
export function compareRankings(first, second) {
  const top = new Set(second.order.slice(0, shown));
  const shared = first.order.slice(0, shown).filter((column) => top.has(column)).length;
  const correlation = rankCorrelation(first.scores, second.scores);
  return `Rankings by ${first.metric} and by ${second.metric} share ${shared} of their first ten neurons, with a rank correlation of ${correlation.toFixed(2)} over all: a neuron may change what a model says without making it worse, and single damages to the loss are mostly noise here, so that it agrees with itself no better.`;
}
