import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry, outcomeOf, program } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";
import { refusal, writeActs } from "./refusal.js";

const folder = temporaryFolder();
beforeAll(async () => await writeActs(folder));

describe("an output", () => {
  const rank = (out: string) => ["rank", "variance", "--activations", "acts", "--out", out];
  test.each([
    ["no/such/folder/r.json", "no/such/folder/r.json: cannot be written because its folder does not exist"],
    ["acts.json/r.json", "acts.json/r.json: cannot be written because its folder does not exist"],
    ["r.txt", 'Expected a file name that ends in .json for --out but received "r.txt"'],
  ])("%s is refused before the work begins", async (out, sentence) => {
    expect(await refusal(folder, rank(out))).toBe(sentence);
  });

  test("that outgrows its file system fails with exit code 1 and leaves nothing", async () => {
    const before = readdirSync(folder).sort();
    const command = `ulimit -f 8; exec "${process.execPath}" "${program}" export --activations acts --out big.npy --quiet`;
    const { code, stderr } = await outcomeOf(spawn("bash", ["-c", command], { cwd: folder }));
    const sentence = "big.npy: cannot be written because the file would be too large for the file system\n";
    expect({ code, stderr }).toEqual({ code: 1, stderr: sentence });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test("of another job is refused, and replaced with --force", async () => {
    const words = ["extract", "--model", llama, "--corpus", "corpus.conllu", "--sites", "final", "--out", "acts"];
    expect(await refusal(folder, words)).toContain("acts: holds activations of another job");
  });
});

describe("a result", () => {
  test.each([
    ["broken.json", "{", "broken.json: is not JSON"],
    ["half.json", '{"kind": "ranking"}', "half.json: is not a whole ranking: method is missing"],
  ])("%s is refused", async (name, text, sentence) => {
    writeFileSync(join(folder, name), text);
    expect(await refusal(folder, ["report", name, "--out", "r.html"])).toBe(sentence);
    const ablation = ["--ranking", name, "--value", "zero", "--metric", "loss", "--out", "a.json"];
    expect(await refusal(folder, ["ablate", "--model", llama, "--corpus", "corpus.conllu", ...ablation])).toBe(
      sentence,
    );
  });

  test("that is not there is refused", async () => {
    expect(await refusal(folder, ["report", "no.json", "--out", "r.html"])).toBe("no.json: there is no such file");
  });
});

/** Code that a process loads before all else: sends it what Ctrl-C sends, at its first line of progress. */
const interruption = `
  const { stderr, pid } = process;
  const write = stderr.write.bind(stderr);
  stderr.write = (line) => {
    stderr.write = write;
    process.kill(pid, "SIGINT");
    return write(line);
  };
`;

describe("Ctrl-C", () => {
  test("stops the work, says so, and leaves what the same command continues", async () => {
    const text = readFileSync(writeCorpus(folder, 1e9, "long.conllu"), "utf8");
    writeFileSync(join(folder, "long.conllu"), text.repeat(10));
    const sites = ["--sites", "layers.*.mlp.hidden", "--out", "long"];
    const words = ["extract", "--model", llama, "--corpus", "long.conllu", ...sites];
    const variables = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(interruption)}` };
    const { code, stderr } = await neurometry(words, folder, variables);
    expect({ code, last: stderr.trim().split("\n").at(-1) }).toEqual({ code: 130, last: "Stopped." });
    expect([existsSync(join(folder, "long")), existsSync(join(folder, "long.partial"))]).toEqual([false, true]);
    const again = await neurometry([...words, "--quiet"], folder);
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: "" });
    expect([existsSync(join(folder, "long")), existsSync(join(folder, "long.partial"))]).toEqual([true, false]);
  });
});
