#!/usr/bin/env node
// `npm run studies`: sweeps of the real models in NEUROMETRY_DATA by the commands that a user would type, written to
// bench/studies/sweeps.md: which neurons and heads a model can least do without, what those neurons respond to, and how
// far the answer can be trusted. `--keep` takes the results of an earlier run and only writes the page anew.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./commands.mjs";
import { notes } from "./notes.mjs";
import { studyPairs } from "./study-pairs.mjs";
import { compareRankings, studySweep } from "./study-sweep.mjs";

const sweeps = [
  // BERT's special tokens stay as they are: see the note on the first of its neurons.
  { model: "all-minilm-l6-v2", each: "head", metric: "representation", sentences: 50, positions: "content" },
  { model: "all-minilm-l6-v2", each: "neuron", metric: "representation", sentences: 10, positions: "content" },
  { model: "small-gpt2", each: "head", metric: "loss", sentences: 500 },
  { model: "small-gpt2", each: "neuron", metric: "loss", sentences: 50 },
  { model: "small-gpt2", each: "neuron", metric: "kl", sentences: 15 },
  { model: "byte-lstm-lm", each: "neuron", metric: "loss", sentences: 20 },
];

const studied = [];
for (const sweep of sweeps) studied.push(await studySweep(sweep, notes));
const sections = studied.map(({ section }) => section);
const [loss, divergence] = [3, 4].map((place) => studied[place].result);
sections[4] += `\n\n${compareRankings(loss, divergence)}`;
const text = [notes.title, ...sections, await studyPairs("small-gpt2", notes)].join("\n\n");
const path = join(root, "bench/studies/sweeps.md");
writeFileSync(`${path}.partial`, `${text}\n`);
renameSync(`${path}.partial`, path);
