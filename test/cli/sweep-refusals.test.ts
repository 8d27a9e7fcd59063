import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { llama, lstm, writeCorpus } from "./demo-model.js";
import { refusal } from "./refusal.js";

const folder = temporaryFolder();
beforeAll(() => writeCorpus(folder, 4));

const sweep = ["ablate", "--corpus", "corpus.conllu", "--value", "mean", "--out", "x.json"];

test.each([
  [
    ["--model", lstm, "--each", "head", "--metric", "loss"],
    'Expected neuron, layer or group for lstm, which has no attention heads for each but received "head"',
  ],
  [
    ["--model", llama, "--each", "head", "--metric", "loss", "--sites", "layers.0.mlp.hidden"],
    'Expected those of heads (layers.N.attention.heads or cross.heads) for sites but received "layers.0.mlp.hidden"',
  ],
  [
    ["--model", llama, "--each", "group", "--metric", "loss"],
    "Expected FILE.json, whose groups are ablated, for --grouping but received nothing",
  ],
  [
    ["--model", llama, "--each", "head", "--metric", "logit-diff"],
    'Expected two to compare, as corpus.conllu has no agreement items, for tokens but received "nothing"',
  ],
])("%j is refused in one sentence", async (words, sentence) => {
  expect(await refusal(folder, [...sweep, ...words])).toBe(sentence);
});
