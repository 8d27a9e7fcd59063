import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { modelPath, resultOf, sentencesOf } from "./commands.mjs";
import { holds } from "./finding.mjs";
import { amount } from "./numbers.mjs";
import { root, workPath } from "./program.mjs";
import { markdownTable } from "./tables.mjs";

const { unitName } = await import(join(root, "dist/methods/causal/unit-name.js"));

const special = "[CLS]";
const asked = 3;

/**
 * What becomes of the neurons that speak at [CLS] when they are set to their mean with special tokens and without: each a
 * group of its own, beside the neuron that has most damage without.
 */
export function specialTokenResults({ model, metric, sentences }, { order, scores, sites, provenance }) {
  const corpus = sentencesOf(sentences);
  const contexts = ["contexts", "--model", modelPath(model), "--corpus", corpus, "--sites", "layers.*.mlp.hidden", "--special-tokens", "--window", "0"]; // biome-ignore format: one line
  const { neurons } = resultOf(`${model}-special-tokens`, [...contexts, "--top", String(sentences + 1)]);
  const speakers = neurons.map((own) => speakerOf(own, sentences)).sort((a, b) => b.gap - a.gap).slice(0, asked); // biome-ignore format: one line
  const columns = [...speakers.map(({ column }) => column), order[0]];
  const grouping = workPath(`${model}-special-tokens-groups.json`);
  writeFileSync(grouping, JSON.stringify(groupingOf(columns, sites, provenance)));
  const ablate = ["ablate", "--model", modelPath(model), "--corpus", corpus, "--each", "group", "--grouping", grouping, "--value", "mean", "--metric", metric]; // biome-ignore format: one line
  const everywhere = resultOf(`${model}-special-tokens-everywhere`, [...ablate, "--positions", "all"]);
  return { speakers, everywhere: everywhere.scores, alone: columns.map((column) => scores[column]) };
}

/** How a neuron speaks at [CLS]: its least value there, and the largest at any other token. */
function speakerOf({ neuron, column, top, bottom }, sentences) {
  const there = top.slice(0, sentences);
  const least = there.at(-1).value;
  const elsewhere = Math.max(top[sentences].value, -bottom[0].value);
  const gap = there.every(({ text }) => text === special) ? least - elsewhere : Number.NEGATIVE_INFINITY;
  return { neuron, column, least, elsewhere, gap };
}

function groupingOf(columns, sites, provenance) {
  const labels = new Array(sites.reduce((sum, { width }) => sum + width, 0)).fill(-1);
  const groups = columns.map((column, label) => ({ label, members: [column], representative: column }));
  columns.forEach((column, label) => {
    labels[column] = label;
  });
  return { kind: "grouping", method: "by hand", sites, labels, groups, options: {}, provenance };
}

/** Why the special tokens of a model stay as they are. */
export function specialTokenText({ speakers, everywhere, alone }, { sites, order }) {
  const first = everywhere[asked];
  holds(
    speakers.every(({ least, elsewhere }) => least > 5 * elsewhere),
    "three neurons speak at [CLS] alone",
  );
  holds(
    everywhere.slice(0, asked).every((damage) => damage > 2 * first),
    "the mean of a neuron that speaks at [CLS] alone does more harm everywhere than the loss of any other",
  );
  const rows = speakers.map(({ neuron, least, elsewhere }, i) => ({
    neuron,
    "least value at [CLS]": amount(least),
    "greatest size at any other token": amount(elsewhere),
    "damage with `--positions all`": amount(everywhere[i]),
    "damage with `--positions content`": amount(alone[i]),
  }));
  const last = { neuron: `${unitName(sites, order[0])}, the first below`, "least value at [CLS]": "", "greatest size at any other token": "" }; // biome-ignore format: one line
  const damages = { "damage with `--positions all`": amount(first), "damage with `--positions content`": amount(alone[asked]) }; // biome-ignore format: one line
  return `Special tokens are left as they are for a reason: some neurons speak at [CLS] and nowhere else. Their mean over all positions is a value that no token ever has, so that \`--positions all\` measures the harm of the mean, not the loss of the neuron.\n\n${markdownTable([...rows, { ...last, ...damages }])}`;
}
