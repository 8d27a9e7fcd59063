import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseNpyHeader } from "../../src/core/npy.js";
import { random } from "../../src/core/random.js";
import type { DamageRanking } from "../../src/methods/causal/ablate-each.js";
import { readResult } from "../../src/methods/result-file.js";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry, outcomeOf, start } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const sweep = (out: string, ...more: string[]) => sweepOf("layers.2-3.mlp.hidden", out, ...more);
const sweepOf = (sites: string, out: string, ...more: string[]) => [
  ...["ablate", "--model", llama, "--corpus", "corpus.conllu", "--each", "neuron", "--sites", sites],
  ...[
    "--value",
    "zero",
    "--metric",
    "loss",
    "--memory",
    "300MB",
    "--concept",
    "upos=NOUN",
    "--per",
    "sentence",
    "--device",
    "native",
  ],
  ...["--out", out, ...more],
];

beforeAll(async () => {
  writeCorpus(folder, 24);
  const { code, stdout, stderr } = await neurometry(sweep("whole.json", "--quiet"), folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("  whole.sentences.npy: the damage to each of 24 sentences\n");
});

const journal = at("cut.sweep.partial");
const size = () => (existsSync(journal) ? statSync(journal).size : 0);

/** Starts the sweep and ends it with a signal as soon as its journal has so many bytes; false where it was done before. */
async function cutShort(bytes: number, signal: "SIGKILL" | "SIGINT") {
  const child = start(sweep("cut.json"), folder);
  const ended = outcomeOf(child);
  let running = true;
  void ended.then(() => (running = false));
  while (running && size() < bytes) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill(signal);
  return await ended;
}

function expectSame(): void {
  const named = readFileSync(at("whole.json"), "utf8").replaceAll("whole.sentences.npy", "cut.sentences.npy");
  expect(readFileSync(at("cut.json"), "utf8")).toBe(named);
  expect(readFileSync(at("cut.sentences.npy")).equals(readFileSync(at("whole.sentences.npy")))).toBe(true);
}

describe("a sweep that is killed", () => {
  test("again and again at random moments ends with the bytes of one that was left alone", async () => {
    const uniform = random(Date.now());
    let kills = 0;
    while (kills < 3) {
      const before = size();
      const { code } = await cutShort(before + Math.floor(25_000 * uniform()), "SIGKILL");
      if (code === 0) {
        kills = 0; // it was done before it could be killed: begin anew
        rmSync(at("cut.json"));
        continue;
      }
      expect(existsSync(at("cut.json"))).toBe(false);
      expect(size()).toBeGreaterThanOrEqual(before - 20_000); // what was cut short at the end may be gone
      kills++;
    }
    const { code, stderr } = await neurometry(sweep("cut.json"), folder);
    expect({ code }).toEqual({ code: 0 });
    expect(stderr).toContain("cut.sweep.partial: goes on with the sweep that was cut short");
    expectSame();
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  }, 240_000);

  test("by Ctrl-C says how it goes on, and does", async () => {
    rmSync(at("cut.json"));
    const { code, stderr } = await cutShort(20_000, "SIGINT");
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /cut\.sweep\.partial keeps what is done: the same command goes on from there\.\nStopped\.\n$/,
    );
    expect(existsSync(at("cut.sentences.npy.partial"))).toBe(false);
    await neurometry(sweep("cut.json", "--quiet"), folder);
    expectSame();
  }, 240_000);

  test.each([
    [["--seed", "3"], "another seed (0)"],
    [["--positions", "content"], "another positions (all)"],
  ])(
    "is not continued with %j",
    async (more, message) => {
      rmSync(at("cut.json"), { force: true });
      if (size() === 0) await cutShort(15_000, "SIGKILL");
      const { code, stderr } = await neurometry(sweep("cut.json", "--quiet", ...more), folder);
      expect(code).toBe(2);
      expect(stderr).toContain(`cut.sweep.partial: holds a sweep with ${message}`);
    },
    240_000,
  );

  test("is not continued with other units", async () => {
    if (size() === 0) await cutShort(15_000, "SIGKILL");
    const { code, stderr } = await neurometry(sweepOf("layers.3.mlp.hidden", "cut.json", "--quiet"), folder);
    expect(code).toBe(2);
    expect(stderr).toContain("cut.sweep.partial: holds a sweep with another choice of units: continue that one");
  }, 240_000);

  test("is not continued on another corpus, and begins anew with --force", async () => {
    const text = readFileSync(at("corpus.conllu"), "utf8");
    try {
      writeFileSync(at("corpus.conllu"), text.slice(0, text.lastIndexOf("\n\n", text.length - 3) + 2));
      const { code, stderr } = await neurometry(sweep("cut.json", "--quiet"), folder);
      expect(code).toBe(2);
      expect(stderr).toContain("holds a sweep with another corpus: continue that one");
    } finally {
      writeFileSync(at("corpus.conllu"), text);
    }
    const { code } = await neurometry(sweep("cut.json", "--quiet", "--seed", "3", "--force"), folder);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(at("cut.json"), "utf8")).provenance.seed).toBe(3);
  }, 240_000);
});

describe("the damage to every sentence", () => {
  test("adds up to the damage over the corpus, sentence by sentence and unit by unit", async () => {
    const { scores, perSentence } = (await readResult(at("whole.json"))) as unknown as DamageRanking;
    const { file, sentences, counts } = perSentence!;
    const bytes = readFileSync(at(file));
    const { shape, type, dataOffset } = parseNpyHeader(bytes, file);
    expect([type, ...shape]).toEqual(["f4", sentences.length, scores.length]);
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + dataOffset, bytes.byteOffset + bytes.length));
    const sums = new Float64Array(scores.length);
    values.forEach((value, i) => {
      sums[i % scores.length]! += counts[Math.floor(i / scores.length)]! * value;
    });
    const tokens = [...counts].reduce((sum, count) => sum + count, 0);
    for (const [column, score] of scores.entries()) expect(sums[column]! / tokens).toBeCloseTo(score, 6);
  });
});
