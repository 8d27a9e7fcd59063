import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";

const folder = temporaryFolder();
const model = join(import.meta.dirname, "../../src/demo/models/llama");
const items = "prefix\tcorrect\twrong\tdepth\nthe old\tman\tmen\t1\nthe\tman\tsaid\t2\nthe men\tsaid\tman\t2\n";
writeFileSync(join(folder, "items.tsv"), items);

const run = (...words: string[]) =>
  neurometry(["ablate", "--model", model, "--corpus", "items.tsv", "--each", "layer", "--value", "zero", "--out", "out.json", "--device", "native", "--quiet", ...words], folder); // biome-ignore format: one line

it("ablates by agreement items, of a concept, and two layers at a time", async () => {
  const words = ["--metric", "agreement", "--concept", "depth=2", "--pairs", "2"];
  const { code, stdout, stderr } = await run(...words);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/two at a time, beyond the sum of each alone:\n {2}layers\.\d × layers\.\d /);
  const written = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
  expect(written).toMatchObject({ metric: "agreement", tokens: 2, options: { concept: "depth=2", pairs: 2 } });
  expect(written.interactions.effects).toHaveLength(4);
});

it("compares the logits of two tokens at a position", async () => {
  const { code, stderr } = await run("--metric", "logit-diff", "--tokens", "man,men", "--position", "1", "--bos");
  expect([code, stderr]).toEqual([0, ""]);
  const { options, tokens } = JSON.parse(readFileSync(join(folder, "out.json"), "utf8"));
  expect(options).toMatchObject({ tokens: ["man", "men"], position: 1, beginning: "add" });
  expect(tokens).toBe(6);
});

it.each([
  [["--metric", "logit-diff", "--tokens", "man"], "Expected two tokens, A,B for --tokens"],
  [["--metric", "loss", "--tokens", "man,men"], "Expected nothing without logit-diff for tokens"],
  [
    ["--metric", "logit-diff", "--tokens", "man,men", "--position", "x"],
    "Expected last, or the number of a token from 0",
  ],
  [["--metric", "loss", "--mask", "each", "--mask-rate", ".2"], "Expected nothing beside --mask for --mask-rate"],
  [["--metric", "loss", "--mask", "each"], "Expected none for llama, which is no masked language model for mask"],
  [["--metric", "loss", "--pairs", "9"], "for pairs but received 9"],
])("%j is refused in one sentence", async (words, sentence) => {
  const { code, stdout, stderr } = await run(...words);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(sentence);
  expect(stderr.trim().split("\n").length).toBe(1);
});
