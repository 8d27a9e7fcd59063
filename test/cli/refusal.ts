import { readdirSync } from "node:fs";
import { expect } from "vitest";
import { neurometry } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";

/** What a user gets wrong: one sentence that names the thing and the value, exit code 2, and nothing half-written. */
export async function refusal(folder: string, words: readonly string[]): Promise<string> {
  const before = readdirSync(folder).sort();
  const { code, stdout, stderr } = await neurometry([...words, "--quiet"], folder);
  expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: "" });
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
  expect(readdirSync(folder).sort()).toEqual(before);
  return stderr.trim();
}

/** Writes corpus.conllu, of 20 sentences, and a store `acts` of the shipped model over it. */
export async function writeActs(folder: string): Promise<void> {
  writeCorpus(folder, 20);
  const words = ["--model", llama, "--corpus", "corpus.conllu", "--sites", "layers.*.residual", "--rows", "word"];
  const { code, stderr } = await neurometry(["extract", ...words, "--out", "acts", "--quiet"], folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}
