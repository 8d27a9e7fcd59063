import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";
import { llama, lstm } from "./demo-model.js";
import { refusal, writeActs } from "./refusal.js";

const folder = temporaryFolder();
beforeAll(async () => await writeActs(folder));
const source = ["--activations", "acts"];

async function run(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await neurometry([...words, "--quiet", "--device", "native"], folder);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: "" });
  return stdout;
}

describe("commands that read neurons", () => {
  test("concepts writes a label a row, which rank takes", async () => {
    expect(await run("concepts", ...source, "--clusters", "3", "--out", "own.txt")).toContain("in 3 clusters");
    const labels = readFileSync(join(folder, "own.txt"), "utf8").trim().split("\n");
    expect(new Set(labels).size).toBe(3);
    const ranked = await run("rank", "probeless", ...source, "--labels", "own.txt", "--out", "own.json");
    expect(labels).toContain(ranked.split("\n")[1]!.trim().split(/\s+/)[2]);
  });

  test("align and contexts write results that report shows", async () => {
    await run(
      "align",
      "--model",
      llama,
      "--corpus",
      "corpus.conllu",
      "--sites",
      "layers.1.residual",
      "--out",
      "al.json",
    );
    const told = await run(
      "contexts",
      ...source,
      "--top",
      "2",
      "--top-words",
      "3",
      "--histogram",
      "4",
      "--out",
      "co.json",
    );
    expect(told).toMatch(/^co\.json: the rows on which \d+ neurons are largest and smallest\n {2}\S+:0 +\S+ +.*«.+»/);
    await run("report", "al.json", "co.json", "--out", "r.html");
    const page = readFileSync(join(folder, "r.html"), "utf8");
    expect(page).toContain("Neurons by selectivity");
    expect(page).toContain("Words that move a neuron most");
    expect(page).toContain("Quantiles of the first neurons");
  });

  test("maximize tells what it found beside the corpus' best, and writes a result that report shows", async () => {
    const neurons = ["layers.0.hidden:2", "layers.0.hidden:3"];
    const given = ["--model", lstm, "--length", "3", "--evaluations", "200", "--restarts", "1", "--out", "max.json"];
    const told = await run("maximize", ...neurons, ...given, "--corpus", "corpus.conllu");
    expect(told).toMatch(/^max\.json: the 3-grams that move 2 targets furthest\n {2}layers\.0\.hidden:2\n {4}found +\S+ +".*"\n {4}in corpus/); // biome-ignore format: one line
    await run("report", "max.json", "--out", "m.html");
    expect(readFileSync(join(folder, "m.html"), "utf8")).toContain("best in corpus");
    const together = await run("maximize", ...neurons, "--together", "--direction", "negative", ...given);
    expect(together).toContain("mean of layers.0.hidden:2 and 1 more");
    expect(together).not.toContain("in corpus");
  });

  test("show tells the tokens that a neuron raises and lowers", async () => {
    const told = await run("show", "layers.0.hidden:2", "--model", lstm, "--lens", "--top", "2");
    expect(told).toMatch(/^layers\.0\.hidden:2\n {2}raises ".*" [\d.]+, ".*" [\d.]+\n {2}lowers ".*" -/);
  });
});

describe("what they refuse", () => {
  test.each([
    [["concepts", ...source, "--clusters", "99999", "--out", "c.txt"], "points for clusters but received 99999"],
    [["concepts", ...source, "--out", "c.json"], "a file name that ends in .txt for --out"],
    [["contexts", ...source, "--top-words", "some", "--out", "c.json"], 'for --top-words but received "some"'],
    [["show", "layers.0.residual:1", ...source, "--lens"], "Expected nothing beside --lens for --activations"],
    [["show", "layers.0.residual:1", "--lens"], "Expected MODEL beside --lens for --model"],
    [["show", "layers.0.mlp.pre:1", "--model", llama, "--lens"], "for site but received"],
    [["show", "layers.0.residual:1", ...source, "--sentences", "1,4000"], "for sentences but received 4000"],
    [
      ["maximize", "layers.0.hidden:999", "--model", lstm, "--out", "m.json"],
      "Expected layers.0.hidden:0 to layers.0.hidden:191",
    ],
    [
      ["maximize", "layers.0.hidden:1", "--model", lstm, "--tokens", "corpus", "--out", "m.json"],
      "a corpus, whose tokens",
    ],
    [["rank", "position", ...source, "--concept", "upos", "--out", "p.json"], "Expected nothing for position"],
    [["rank", "conditional-variance", ...source, "--out", "p.json"], "Expected KEY[=VALUE], or --labels FILE"],
    [["rank", "conditional-variance", ...source, "--concept", "inside-quote", "--out", "p.json"], "inside-quotes"],
  ])("%j", async (words, sentence) => {
    expect(await refusal(folder, words)).toContain(sentence);
  });
});
