#!/usr/bin/env node
// `npm run studies`: sweeps of the real models in NEUROMETRY_DATA by the commands that a user would type, written to
// bench/studies/sweeps.md: which neurons and heads a model can least do without, and what those neurons respond to.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { contextLine, markdownTable } from "./tables.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const work = join(root, ".cache/studies");
mkdirSync(work, { recursive: true });

const treebank = join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu");
const blimp = join(data, "corpora/blimp");

const sweeps = [
  { model: "all-minilm-l6-v2", each: "head", metric: "representation", value: "mean", sentences: 50 },
  { model: "all-minilm-l6-v2", each: "neuron", metric: "representation", value: "mean", sentences: 10 },
  { model: "small-gpt2", each: "head", metric: "loss", value: "mean", sentences: 500 },
  { model: "small-gpt2", each: "neuron", metric: "loss", value: "mean", sentences: 50 },
  { model: "small-gpt2", each: "neuron", metric: "kl", value: "mean", sentences: 50 },
  { model: "byte-lstm-lm", each: "neuron", metric: "loss", value: "mean", sentences: 20 },
];

/** Runs a command of ours, and tells what it was as a reader would type it. */
function neurometry(words) {
  console.error(`neurometry ${words.join(" ")}`);
  const { status } = spawnSync(process.execPath, [join(root, "dist/cli.js"), ...words, "--quiet"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
}

const readResult = (path) => JSON.parse(readFileSync(path, "utf8"));

/** The first sentences of the treebank, as a file. */
function firstSentences(count) {
  const path = join(work, `ewt-dev-${count}.conllu`);
  const sentences = readFileSync(treebank, "utf8").split("\n\n").slice(0, count);
  writeFileSync(path, `${sentences.join("\n\n")}\n\n`);
  return path;
}

/** The strongest contexts of chosen neurons over the whole treebank, by neuron name. */
function contextsOf(model, sites, neurons) {
  const out = join(work, `${model}-contexts.json`);
  neurometry(["contexts", "--model", join(data, "models", model), "--corpus", treebank, "--sites", sites.join(","), "--top", "3", "--window", "4", "--out", out]); // biome-ignore format: one line
  const found = new Map(readResult(out).neurons.map((own) => [own.neuron, own]));
  return neurons.map((name) => found.get(name));
}

function studySweep({ model, each, metric, value, sentences }) {
  const out = join(work, `${model}-${each}-${metric}.json`);
  const words = ["ablate", "--model", join(data, "models", model), "--corpus", firstSentences(sentences), "--each", each, "--value", value, "--metric", metric, "--out", out]; // biome-ignore format: one line
  const start = performance.now();
  neurometry(words);
  const seconds = (performance.now() - start) / 1000;
  const { sites, order, scores, baseline, tokens, intervals, operations } = readResult(out);
  const best = order.slice(0, 10);
  const names = best.map((column) => nameOf(sites, column));
  const contexts = each === "neuron" ? contextsOf(model, sites.map(({ name }) => name), names) : null; // biome-ignore format: one line
  const rows = best.map((column, i) => ({
    [each]: names[i],
    [`damage (${metric})`]: scores[column].toPrecision(3),
    "95 %": `${intervals.low[column].toPrecision(2)} … ${intervals.high[column].toPrecision(2)}`,
    ...(contexts && {
      "strongest contexts": contexts[i].top.map((context) => contextLine(context, model)).join(" · "),
    }),
  }));
  return [
    `## ${model}: every ${each} by ${metric}`,
    `${order.length.toLocaleString("en")} ${each}s set to their ${value}, over the first ${sentences} sentences of EWT dev (${tokens.toLocaleString("en")} tokens that count; ${metric} of the whole model ${baseline.toPrecision(4)}): ${seconds.toFixed(0)} s, ${(operations.wholePasses / operations.sweep).toFixed(1)} times less arithmetic than whole passes.`,
    markdownTable(rows),
  ].join("\n\n");
}

function nameOf(sites, column) {
  const site = sites.findLast(({ offset }) => offset <= column);
  return `${site.name}:${column - site.offset}`;
}

function studyPairs(model) {
  const sets = ["anaphor_gender_agreement", "anaphor_number_agreement", "distractor_agreement_relational_noun", "irregular_past_participle_verbs", "npi_present_1", "regular_plural_subject_verb_agreement_1"]; // biome-ignore format: one line
  const rows = sets.map((set) => {
    const out = join(work, `${model}-${set}.json`);
    neurometry(["ablate", "--model", join(data, "models", model), "--corpus", join(blimp, `${set}.jsonl`), "--each", "head", "--value", "mean", "--metric", "minimal-pairs", "--out", out]); // biome-ignore format: one line
    const { sites, order, scores, baseline, intervals } = readResult(out);
    const heads = order.slice(0, 3).map((column) => `${nameOf(sites, column).replace(".attention.heads", "")} −${(100 * scores[column]).toFixed(1)} (${(100 * intervals.low[column]).toFixed(1)} … ${(100 * intervals.high[column]).toFixed(1)})`); // biome-ignore format: one line
    return {
      set,
      "right, %": (100 * baseline).toFixed(1),
      "the heads that carry it: points lost, and 95 %": heads.join(" · "),
    };
  });
  return [
    `## ${model}: BLiMP by the heads that carry it`,
    "Every head set to its mean; minimal pairs of which the good sentence is the likelier.",
    markdownTable(rows),
  ].join("\n\n");
}

const title =
  "# Sweeps of real models\n\nWritten by `npm run studies`. Neurons are those of `layers.*.mlp.hidden` (of the LSTM: `layers.*.hidden`), and their contexts are of the whole of EWT dev.";
const text = [title, ...sweeps.map(studySweep), studyPairs("small-gpt2")].join("\n\n");
const path = join(root, "bench/studies/sweeps.md");
writeFileSync(`${path}.partial`, `${text}\n`);
renameSync(`${path}.partial`, path);
