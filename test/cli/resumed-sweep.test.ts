import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseNpyHeader } from "../../src/core/npy.js";
import type { DamageRanking } from "../../src/methods/causal/ablate-each.js";
import { readResult } from "../../src/methods/result-file.js";
import { fixturePath } from "../fixtures/model-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";
import { llama, lstm, writeCorpus } from "./demo-model.js";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

/** A command line's options by their names. */
type Options = Readonly<Record<string, string>>;
const common = { model: llama, corpus: "corpus.conllu", value: "zero", metric: "loss", concept: "upos=NOUN" };
const each = { each: "neuron", sites: "layers.2-3.mlp.hidden", memory: "300MB" };
const wordsOf = (out: string, options: Options) => [
  ...["ablate", "--device", "native", "--out", out],
  ...Object.entries({ ...common, ...options }).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
];
const sweep = (out: string, others: Options = {}) => wordsOf(out, { ...each, per: "sentence", ...others });

/** An encoder-decoder that writes as many of the letter f as fit, where nothing is ablated. */
const bart = fixturePath("bart");
const written = { ...each, model: bart, corpus: "pairs.tsv", sites: "decoder.layers.*.mlp.hidden", value: "20", metric: "exact-match", concept: "" }; // biome-ignore format: one line

/** Every way to ablate that keeps what is done. */
const ways: Readonly<Record<string, { readonly whole: string; readonly options: Options }>> = {
  "of every neuron": { whole: "whole.json", options: { ...each, per: "sentence" } },
  "of pairs": { whole: "pairs.json", options: { ...each, sites: "layers.3.mlp.hidden", pairs: "24" } },
  "of a ranking": { whole: "curve.json", options: { ranking: "whole.json", memory: "300MB" } },
  "of what is written": { whole: "written.json", options: written },
};

const journal = at("cut.sweep.partial");
const size = () => statSync(journal).size;
/** How large the journals of whole sweeps become. */
const sizes = new Map<string, number>();

/** Runs a command that gets a signal when its journal has so many bytes, or is about to be removed. */
async function cutShort(moment: number | "removal", signal: "SIGKILL" | "SIGINT", words = sweep("cut.json")) {
  return await neurometry(words, folder, {
    NODE_OPTIONS: `--import=${new URL("../fixtures/signal-at.mjs", import.meta.url)}`,
    ...{ SIGNAL: signal, SIGNAL_FILE: ".sweep.partial", SIGNAL_AT: String(moment) },
  });
}

beforeAll(async () => {
  writeCorpus(folder, 24);
  const pairs = Array.from({ length: 96 }, (_, i) => `${"abcdefgh".slice(i % 7)}\t${i % 3 === 0 ? "e" : "f".repeat(11)}`); // biome-ignore format: one line
  writeFileSync(at("pairs.tsv"), pairs.join("\n"));
  for (const { whole, options } of Object.values(ways)) {
    const { code, stdout, stderr } = await cutShort("removal", "SIGKILL", [...wordsOf(whole, options), "--quiet"]);
    expect({ code, stderr }).toEqual({ code: null, stderr: "" });
    if (whole === "whole.json") expect(stdout).toContain("  whole.sentences.npy: the damage to each of 24 sentences\n");
    const kept = at(whole.replace(".json", ".sweep.partial"));
    sizes.set(whole, statSync(kept).size);
    rmSync(kept);
  }
});

function goesOn(stderr: string): boolean {
  return stderr.includes("cut.sweep.partial: goes on with the sweep that was cut short");
}

function expectSame(whole = "whole.json"): void {
  const [found, expected] = ["cut.json", whole].map((name) => readFileSync(at(name), "utf8"));
  const renamed = whole === "whole.json" ? expected!.replaceAll("whole.sentences", "cut.sentences") : expected;
  expect(found === renamed).toBe(true); // the difference would fill many screens
  if (whole === "whole.json")
    expect(readFileSync(at("cut.sentences.npy")).equals(readFileSync(at("whole.sentences.npy")))).toBe(true);
}

describe("a sweep that is killed", () => {
  beforeEach(() => {
    for (const name of readdirSync(folder)) if (name.startsWith("cut.")) rmSync(at(name));
  });

  test.each(Object.entries(ways))(
    "again and again, at whatever byte, ends with the bytes of one that was left alone: %s",
    async (_, { whole, options }) => {
      const all = wordsOf("cut.json", options);
      const bytes = sizes.get(whole)!;
      // The third begins anew: 7 bytes do not say of what the sweep is.
      for (const moment of [0, 7, 2_000, Math.round(bytes / 3), Math.round(bytes / 2) + 1, bytes - 1]) {
        const { code, stderr } = await cutShort(moment, "SIGKILL", all);
        expect({ code, bytes: size(), goesOn: goesOn(stderr) }).toEqual({
          code: null,
          bytes: moment,
          goesOn: moment > 2_000,
        });
        expect(existsSync(at("cut.json"))).toBe(false);
      }
      const { code, stderr } = await neurometry(all, folder);
      expect({ code, goesOn: goesOn(stderr) }).toEqual({ code: 0, goesOn: true });
      expectSame(whole);
      expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
    },
  );

  test("when its result is written already writes it again", async () => {
    const { code } = await cutShort("removal", "SIGKILL");
    expect(code).toBe(null);
    expectSame();
    const again = await neurometry(sweep("cut.json"), folder);
    expect({ code: again.code, goesOn: goesOn(again.stderr) }).toEqual({ code: 0, goesOn: true });
    expectSame();
    expect(existsSync(journal)).toBe(false);
  });

  test("goes on with its own batches where more memory is allowed", async () => {
    await cutShort(20_000, "SIGKILL");
    const { code, stderr } = await neurometry(sweep("cut.json", { memory: "2GB" }), folder);
    expect({ code, goesOn: goesOn(stderr) }).toEqual({ code: 0, goesOn: true });
    expectSame();
  });

  test("says how much memory it needs to go on where its batches do not fit in what is allowed", async () => {
    await cutShort(15_000, "SIGKILL");
    const { code, stderr } = await neurometry(sweep("cut.json", { memory: "200MB" }), folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^Expected at least \d+ MB, which the batches of the sweep that was cut short take \(or begin anew with --force\), for memory but received "200 MB"\n$/,
    );
    const [, enough] = /least (\d+ MB)/.exec(stderr)!;
    expect((await neurometry(sweep("cut.json", { memory: enough! }), folder)).code).toBe(0);
    expectSame();
    await cutShort(15_000, "SIGKILL");
    const anew = await neurometry([...sweep("cut.json", { memory: "270MB" }), "--force"], folder);
    expect({ code: anew.code, goesOn: goesOn(anew.stderr) }).toEqual({ code: 0, goesOn: false });
    const [own, whole] = ["cut.json", "whole.json"].map((name) => JSON.parse(readFileSync(at(name), "utf8")).plan);
    expect(own.tokens).toBeLessThan(whole.tokens);
  });

  test("by Ctrl-C says how it goes on, and does", async () => {
    const { code, stderr } = await cutShort(20_000, "SIGINT");
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /cut\.sweep\.partial keeps what is done: the same command goes on from there\.\nStopped\.\n$/,
    );
    expect(existsSync(at("cut.sentences.npy.partial"))).toBe(false);
    await neurometry(sweep("cut.json"), folder);
    expectSame();
  });
});

describe("a sweep that was cut short", () => {
  beforeAll(async () => {
    await cutShort(15_000, "SIGKILL");
    expect(size()).toBe(15_000);
  });

  test.each([
    [{ seed: "3" }, "another seed (0)"],
    [{ positions: "content" }, "another positions (all)"],
    [{ pairs: "3" }, "another number of units in pairs (0)"],
    [{ value: "mean" }, "another value (zero)"],
    [{ metric: "kl" }, "another metric (loss)"],
    [{ model: lstm, sites: "layers.0.hidden" }, "another model"],
    [{ sites: "layers.3.mlp.hidden" }, "another choice of units"],
  ])("is not continued with %j: one sentence says what is other", async (others, message) => {
    const { code, stderr } = await neurometry(sweep("cut.json", others), folder);
    expect(code).toBe(2);
    const what = "continue that one, choose another name, or begin anew with --force";
    expect(stderr).toBe(`cut.sweep.partial: holds a sweep with ${message}: ${what}\n`);
  });

  test("by another version is not continued: one sentence says what helps", async () => {
    const bytes = readFileSync(journal);
    const before = Buffer.from(bytes.toString("latin1").replace(/sweep \d+/, "sweep 1"), "latin1");
    try {
      writeFileSync(journal, before);
      const { code, stderr } = await neurometry(sweep("cut.json"), folder);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^cut\.sweep\.partial: holds a sweep as another version writes it \(neurometry sweep 1; here neurometry sweep \d+\): choose another name, or begin anew with --force\n$/,
      );
      expect(readFileSync(journal).equals(before)).toBe(true);
    } finally {
      writeFileSync(journal, bytes);
    }
  });

  test("is not continued on another corpus, and begins anew with --force", async () => {
    const text = readFileSync(at("corpus.conllu"), "utf8");
    try {
      writeFileSync(at("corpus.conllu"), text.slice(0, text.lastIndexOf("\n\n", text.length - 3) + 2));
      const { code, stderr } = await neurometry(sweep("cut.json"), folder);
      expect(code).toBe(2);
      expect(stderr).toContain("holds a sweep with another corpus: continue that one");
    } finally {
      writeFileSync(at("corpus.conllu"), text);
    }
    const { code } = await neurometry([...sweep("cut.json", { seed: "3" }), "--force"], folder);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(at("cut.json"), "utf8")).provenance.seed).toBe(3);
  });
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
