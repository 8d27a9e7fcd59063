import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry, outcomeOf, program } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";
import { refusal } from "./refusal.js";

const folder = temporaryFolder();
const pairs = "sentence_good\tsentence_bad\nthe man said\tthe old men that the man said said\nthe men\tmen the\n";
beforeAll(() => {
  writeCorpus(folder, 24);
  writeFileSync(join(folder, "pairs.tsv"), pairs);
});

const sweep = ["ablate", "--model", llama, "--value", "zero", "--out", "x.json", "--device", "native"];

test.each([
  [["--metric", "exact-match"], "Expected a metric of what is predicted, as llama writes nothing: it is no encoder-decoder, for metric but received"], // biome-ignore format: one line
  [["--metric", "minimal-pairs"], "Expected minimal pairs (sentence_good and sentence_bad)"],
  [["--metric", "loss", "--memory", "50MB"], "which the smallest batches of this corpus take, for memory but received"],
])("%j is refused in one sentence", async (words, sentence) => {
  expect(await refusal(folder, [...sweep, "--corpus", "corpus.conllu", "--each", "head", ...words])).toContain(
    sentence,
  );
});

test("pairs whose sentences have other numbers of tokens are scored whole", async () => {
  const words = [...sweep, "--corpus", "pairs.tsv", "--each", "head", "--metric", "minimal-pairs", "--quiet"];
  const { code, stderr } = await neurometry(words, folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(readFileSync(join(folder, "x.json"), "utf8"))).toMatchObject({ tokens: 2, skipped: 0 });
});

test("a sweep whose journal finds no more room says so, and keeps what is done", async () => {
  const words = [...sweep.with(6, "full.json"), "--corpus", "corpus.conllu", "--each", "neuron", "--metric", "loss", "--quiet"]; // biome-ignore format: one line
  const command = `ulimit -f 16; exec "${process.execPath}" "${program}" ${words.map((word) => `'${word}'`).join(" ")}`;
  const { code, stderr } = await outcomeOf(spawn("bash", ["-c", command], { cwd: folder }));
  const sentence = "full.sweep.partial: cannot be written because the file would be too large for the file system\n";
  expect({ code, stderr }).toEqual({ code: 1, stderr: sentence });
  expect(existsSync(join(folder, "full.sweep.partial"))).toBe(true);
  expect(existsSync(join(folder, "full.json"))).toBe(false);
});
