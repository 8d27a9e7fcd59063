import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";

const root = join(import.meta.dirname, "../..");
const models = join(root, "src/demo/models");
const folder = temporaryFolder();
writeFileSync(join(folder, "text.txt"), 'the old man said .\n\nthe man said : " I see "\n');

const run = (...words: string[]) => neurometry(["evaluate", ...words, "--device", "native"], folder);

describe("neurometry evaluate", () => {
  it("prints the loss, writes it, and prints the same values as JSON", async () => {
    const given = ["loss", "--model", join(models, "llama"), "--corpus", "text.txt", "--out", "loss.json", "--quiet"];
    const { code, stdout, stderr } = await run(...given);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^loss {10}\d+\.\d{4} nats\nperplexity .*\nbits per byte .*\(\d+ bytes\)\npredictions {3}\d+\n$/,
    );
    const written = JSON.parse(readFileSync(join(folder, "loss.json"), "utf8"));
    const printed = JSON.parse((await run(...given, "--json")).stdout);
    expect(printed).toEqual({ out: "loss.json", method: "loss", ...written.values });
    expect(written).toMatchObject({ kind: "evaluation", method: "loss", of: null, options: {} });
  });

  it("reads a file as one text with --stream", async () => {
    const given = ["--model", join(models, "lstm"), "--corpus", "text.txt", "--json", "--quiet"];
    const apart = JSON.parse((await run("accuracy", ...given)).stdout);
    const stream = JSON.parse((await run("accuracy", ...given, "--stream")).stdout);
    const characters = readFileSync(join(folder, "text.txt"), "utf8").length;
    expect(stream.predictions).toBe(characters - 1);
    expect(apart.predictions).toBe(characters - 3 - 2);
  });

  it("counts pairs by a label, and says what it found", async () => {
    const items = "prefix\tcorrect\twrong\tdepth\nthe old\tman\tmen\t1\nthe\tman\tsaid\t2\n";
    writeFileSync(join(folder, "items.tsv"), items);
    const given = ["agreement", "--model", join(models, "llama"), "--corpus", "items.tsv", "--quiet"];
    const { code, stdout, stderr } = await run(...given, "--by", "depth");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^accuracy +[\d.]+ \(\d of 2 pairs\)\nmargin +-?[\d.]+ nats\n {2}1 {2}[\d.]+ \(\d of 1\)\n {2}2 /,
    );
    const whole = await run("minimal-pairs", ...given.slice(1), "--json");
    expect(JSON.parse(whole.stdout)).toMatchObject({ method: "minimal-pairs", pairs: 2, skipped: 0 });
  });

  it.each([
    [["minimal-pairs"], "Expected minimal pairs (sentence_good and sentence_bad) or agreement items"],
    [["minimal-pairs", "--mask", "each"], "Expected nothing beside pairs, which are read whole for --mask"],
    [["loss", "--by", "UID"], "Expected nothing without minimal-pairs or agreement for --by"],
    [["los"], '(did you mean "loss"?) for method but received "los"'],
    [["loss", "--stream", "--words"], "Expected nothing beside --stream, which reads a file as it is for --words"],
    [["loss", "--mask", "each", "--mask-rate", ".2"], "Expected nothing beside --mask for --mask-rate"],
    [["loss", "--stream"], "Expected false for llama, which is not recurrent for stream"],
    [["loss", "--mask-rate", ".2"], "Expected none for llama, which is no masked language model for mask"],
    [["accuracy", "--label", "label"], "Expected none for llama, which is no classifier for label"],
  ])("%j is refused in one sentence", async (words, sentence) => {
    const [method = "", ...rest] = words;
    const { code, stdout, stderr } = await run(
      method,
      "--model",
      join(models, "llama"),
      "--corpus",
      "text.txt",
      ...rest,
    );
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n").length).toBe(1);
  });
});
