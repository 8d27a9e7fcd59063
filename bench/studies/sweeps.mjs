#!/usr/bin/env node
// `npm run studies`: sweeps of the real models in NEUROMETRY_DATA by the commands that a user would type, written to
// bench/studies/sweeps.md and in short to the README: which neurons and heads a model can least do without, what those
// neurons respond to, and how far the answer can be trusted. Cut short, it goes on where it was. Another program than the
// last one's computes all of it anew; `--keep` takes what the last one found, for whoever has only changed the page.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareRankings, findings } from "./findings.mjs";
import { rankCorrelation } from "./halves.mjs";
import { pageHead } from "./page-head.mjs";
import { pairsSection, studiedSets } from "./pairs-section.mjs";
import { openWork, root } from "./program.mjs";
import { writeReadmeSummary } from "./readme-summary.mjs";
import { specialTokenResults } from "./special-tokens.mjs";
import { sweepResults } from "./sweep-results.mjs";
import { sweepSection } from "./sweep-section.mjs";

const [bert, gpt2, lstm] = ["all-minilm-l6-v2", "small-gpt2", "byte-lstm-lm"];
const sweeps = [
  // BERT's special tokens stay as they are: see the finding on its neurons.
  { model: bert, each: "head", metric: "representation", sentences: 50, positions: "content" },
  { model: bert, each: "neuron", metric: "representation", sentences: 10, positions: "content" },
  { model: gpt2, each: "head", metric: "loss", sentences: 500 },
  { model: gpt2, each: "neuron", metric: "loss", sentences: 50 },
  { model: gpt2, each: "neuron", metric: "kl", sentences: 50 },
  { model: lstm, each: "neuron", metric: "loss", sentences: 20 },
];

const program = openWork({ keep: process.argv.includes("--keep") });
const computed = sweeps.map((sweep) => ({ sweep, results: sweepResults(sweep) }));
const sets = studiedSets(gpt2);
const [, bertNeurons] = computed;
bertNeurons.results.special = specialTokenResults(bertNeurons.sweep, bertNeurons.results.result);

const sections = [];
let loss = null;
for (const { sweep, results } of computed) {
  const { section, halves } = await sweepSection(sweep, { ...results, loss }, findings[results.name]);
  sections.push(section);
  const own = { result: results.result, halves };
  if (sweep.metric === "kl") {
    const correlation = rankCorrelation(loss.result.scores, own.result.scores);
    sections.push(compareRankings(loss, own, correlation));
  }
  if (results.name === `${gpt2}-neuron-loss`) loss = own;
}
const text = [pageHead(program, computed, sets), ...sections, pairsSection(gpt2, sets)].join("\n\n");
const path = join(root, "bench/studies/sweeps.md");
writeFileSync(`${path}.partial`, `${text}\n`);
renameSync(`${path}.partial`, path);
const of = (name) => computed.find(({ results }) => results.name === name).results;
writeReadmeSummary({
  heads: of(`${gpt2}-head-loss`),
  neurons: of(`${gpt2}-neuron-loss`),
  units: of(`${lstm}-neuron-loss`),
  halves: loss.halves,
  special: bertNeurons.results.special,
});
