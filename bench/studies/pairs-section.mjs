import { join } from "node:path";
import { holds } from "./finding.mjs";
import { beyondNoiseOf } from "./noise.mjs";
import { counted, percent } from "./numbers.mjs";
import { root } from "./program.mjs";
import { pairResults } from "./sweep-results.mjs";
import { markdownTable } from "./tables.mjs";

const { unitName } = await import(join(root, "dist/methods/causal/unit-name.js"));

const sets = [
  "anaphor_gender_agreement",
  "anaphor_number_agreement",
  "distractor_agreement_relational_noun",
  "irregular_past_participle_verbs",
  "npi_present_1",
  "regular_plural_subject_verb_agreement_1",
];

/** Heads of each set that its row names. */
const shownHeads = 3;

/** The sets of minimal pairs with what their heads do, which are run here. */
export const studiedSets = (model) => sets.map((set) => ({ set, result: pairResults(model, set) }));

/** Which heads each set of minimal pairs can least do without. */
export function pairsSection(model, studied) {
  const pairs = studied[0].result.tokens;
  holds(
    studied.every(({ result }) => result.tokens === pairs),
    "all sets have the same number of pairs",
  );
  const { chance, units } = beyondNoiseOf(studied[0].result);
  return [
    `## ${model}: BLiMP by the heads that carry it`,
    `Every head set to its mean, over all ${counted(pairs)} pairs of each set; a pair is right where its good sentence is the likelier. Intervals are 95 %: of *right* Wilson's (1927), of a head's a bootstrap over pairs. The last column counts the heads whose interval lies above 0 (they help) and below (the model is better without them); of ${units} heads without any effect about ${chance.toFixed(1)} would do either by chance.`,
    findingOf(studied),
    markdownTable(studied.map(rowOf)),
    `\`${studied[0].result.command}\``,
  ].join("\n\n");
}

function rowOf({ set, result }) {
  const { sites, scores, intervals, baseline, tokens } = result;
  const carrying = helping(result).slice(0, shownHeads);
  const named = carrying.map((column) => {
    const name = unitName(sites, column).replace(".attention.heads", "");
    return `${name} ${points(scores[column])} (${points(intervals.low[column])} … ${points(intervals.high[column])})`;
  });
  const { above, below } = beyondNoiseOf(result);
  const { low, high } = wilson(baseline, tokens);
  return {
    set: spoken(set),
    "right (95 %)": `${percent(baseline, 1)} (${percent(low, 1)} … ${percent(high, 1)})`,
    [`the ${shownHeads} heads that help most: points lost without (95 %)`]: named.join(" · ") || "none",
    "heads above 0, below": `${above}, ${below}`,
  };
}

/** What the sets have in common: how far heads carry what the model has learnt. */
function findingOf(studied) {
  const learnt = studied.filter(({ result }) => wilson(result.baseline, result.tokens).low > 0.5);
  const missed = studied.filter(({ result }) => wilson(result.baseline, result.tokens).high < 0.5);
  holds(learnt.length > 0 && missed.length > 0, "the model gets some sets more often than chance and some less often");
  return `The model gets ${learnt.length} of the ${studied.length} sets right more often than chance (${told(learnt)}), and ${missed.length} less often (${told(missed)}): what a head adds to one of these is a preference, not a skill. ${mostCarried(studied, learnt)}${uncarried(learnt)}${hindered(studied)}`;
}

function mostCarried(studied, learnt) {
  const [most] = studied
    .filter(({ result }) => helping(result).length > 0)
    .sort((a, b) => Math.max(...b.result.scores) - Math.max(...a.result.scores));
  const { set, result } = most;
  holds(learnt.includes(most), "the head that carries most carries a set that the model has learnt");
  const [head] = helping(result);
  return `The head that carries most is \`${unitName(result.sites, head)}\`, for ${spoken(set)}: ${points(result.scores[head])} points are lost without it.`;
}

function uncarried(learnt) {
  const spread = learnt.filter(({ result }) => helping(result).length === 0);
  return spread.length > 0 ? ` No single head carries ${told(spread)}, though the model has learnt it.` : "";
}

function hindered(studied) {
  const better = studied.filter(({ result }) => beyondNoiseOf(result).below > 3);
  const each = better.map(({ set, result }) => `${spoken(set)} (${beyondNoiseOf(result).below})`);
  return better.length > 0 ? ` More heads than chance explains stand in the way of ${each.join(" and of ")}.` : "";
}

const told = (studied) => studied.map(({ set }) => spoken(set)).join(", ");

/** The heads whose whole interval is above 0, those that help most first. */
const helping = ({ order, intervals }) => order.filter((column) => intervals.low[column] > 0);

/** The interval of a share of so many. */
function wilson(share, count) {
  const z = 1.96;
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return { low: middle - half, high: middle + half };
}

const spoken = (set) => set.replaceAll("_", " ");
const points = (number) => (100 * number).toFixed(1).replace("-", "−");
