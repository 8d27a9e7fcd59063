import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { activations } from "../../src/activations/live.js";
import { textCorpus } from "../../src/corpus/text-corpus.js";
import type { Device } from "../../src/device/device.js";
import { ablate, evaluate } from "../../src/index.js";
import { loadModel } from "../../src/model/load.js";
import { type ForwardRequest, type Model, NO_TARGET } from "../../src/model/model.js";
import { selectSites } from "../../src/model/sites.js";
import { collect } from "../activations/collect.js";
import { devices } from "../devices.js";
import { type Family, fixturePath, largestDifference } from "../fixtures/model-fixture.js";
import { temporaryFolder } from "../temporary-folder.js";

const ids = (...values: number[]) => Uint32Array.from(values);
const texts = [ids(3, 4, 7), ids(9, 5, 8, 2, 6), ids(5)];
const classes = 5;

/** p of every class, in float64. */
function softmax(logits: Float32Array): number[] {
  const powers = Array.from(logits, Math.exp);
  return powers.map((power) => power / powers.reduce((sum, other) => sum + other, 0));
}

describe.each(devices)("on %s", (_, open) => {
  const opened: Promise<Device> = open();
  const models = new Map<Family, Promise<Model>>();
  const load = (family: Family) => {
    const loaded = models.get(family) ?? opened.then((device) => loadModel(fixturePath(family), { device }));
    models.set(family, loaded);
    return loaded;
  };
  afterAll(async () => {
    for (const model of models.values()) await (await model)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
  });

  /** Logits, one array for each captured row. */
  async function logits(model: Model, request: ForwardRequest): Promise<Float32Array[]> {
    using forward = model.forward({ capture: { sites: selectSites(model.sites, "logits") }, ...request });
    const values = await forward.captured!.values();
    const width = forward.captured!.columns;
    return Array.from({ length: forward.captured!.rows }, (_, row) => values.slice(row * width, (row + 1) * width));
  }

  it("says what its classes are called", async () => {
    expect((await load("bert-sequences")).head).toEqual({ kind: "sequence-classification", labels: [..."abcde"] });
    expect((await load("bert-tokens")).head).toEqual({ kind: "token-classification", labels: [..."abcde"] });
    expect((await load("electra-discriminator")).head).toEqual({ kind: "token-scores", labels: ["replaced"] });
  });

  it("gives the scores of a regression or of several labels, and refuses targets, which none excludes", async () => {
    const device = await opened;
    const given = { sequences: texts, capture: { sites: selectSites((await load("bert-sequences")).sites, "logits"), rows: { starts: ids(0, 3, 8), ends: ids(3, 8, 9), pool: "mean" } } } as const; // biome-ignore format: one line
    const wanted = await logits(await load("bert-sequences"), given);
    for (const problem of ["regression", "multi_label_classification"]) {
      const folder = temporaryFolder();
      cpSync(fixturePath("bert-sequences"), folder, { recursive: true });
      const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
      writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, problem_type: problem }));
      await using model = await loadModel(folder, { device });
      expect(model.head).toEqual({ kind: "sequence-scores", labels: [..."abcde"] });
      expect(await logits(model, given)).toEqual(wanted);
      expect(() => model.forward({ sequences: texts, targets: ids(0, 1, 2) })).toThrow(
        "Expected none for a head whose scores do not exclude each other for targets",
      );
      const corpus = textCorpus("ab\nc");
      await expect(evaluate.loss(model, corpus)).rejects.toThrow(
        "Expected one that predicts a token or one of several classes for model",
      );
      await expect(ablate.each(model, corpus, { each: "neuron", value: "zero", metric: "loss" })).rejects.toThrow(
        /Expected representation, as \S+ gives scores, which do not exclude each other for metric/,
      );
      const damage = await ablate.each(model, corpus, { each: "neuron", value: "zero", metric: "representation" });
      expect(Math.max(...damage.scores)).toBeGreaterThan(0.01);
    }
  });

  describe.each(["bert-sequences", "gpt2-sequences"] as const)("a classifier of sequences (%s)", (family) => {
    it("gives losses, probabilities and predictions of sequences as its logits say, in one submit", async () => {
      const model = await load(family);
      const rows = { starts: ids(0, 3, 8), ends: ids(3, 8, 9), pool: "mean" } as const;
      const probabilities = (await logits(model, { sequences: texts, capture: { sites: selectSites(model.sites, "logits"), rows } })).map(softmax); // biome-ignore format: one line
      const before = model.device.submits;
      using forward = model.forward({ sequences: texts, targets: ids(4, NO_TARGET, 1) });
      const all = [await forward.losses(), await forward.probabilities(), await forward.predictions()] as const;
      expect(model.device.submits - before).toBe(1);
      const [losses, gold, best] = all;
      const wanted = [probabilities[0]![4]!, 0, probabilities[2]![1]!];
      expect(largestDifference(gold, Float32Array.from(wanted))).toBeLessThan(1e-5);
      const nats = wanted.map((p) => (p === 0 ? 0 : -Math.log(p)));
      expect(largestDifference(losses, Float32Array.from(nats))).toBeLessThan(1e-4);
      const likeliest = (p: number[]) => p.indexOf(Math.max(...p));
      expect([...best]).toEqual([likeliest(probabilities[0]!), 0, likeliest(probabilities[2]!)]);
    });

    it("gives every captured row the logits of its sequence", async () => {
      const rows = await logits(await load(family), { sequences: texts });
      expect(rows.length).toBe(9);
      const starts = [0, 3, 8];
      for (const [token, row] of rows.entries()) expect(row).toEqual(rows[starts.findLast((start) => start <= token)!]);
      expect(rows[0]).not.toEqual(rows[3]);
    });

    it("changes the logits of the sequences that an intervention is for, and compares sequences", async () => {
      const model = await load(family);
      const [text] = texts;
      const sequences = [text!, text!, text!];
      const interventions = [{ site: "logits", sequence: 2, columns: [1], operation: "set", value: 50 }] as const;
      const targets = ids(1, 1, 1);
      using forward = model.forward({ sequences, interventions, targets, compareWith: ids(0, 0, 0) });
      const [divergences, gold] = [await forward.divergences(), await forward.probabilities()];
      expect([divergences.length, divergences[0], divergences[1]]).toEqual([3, 0, 0]);
      expect(divergences[2]).toBeGreaterThan(1);
      expect(gold[1]).toBe(gold[0]);
      expect(gold[1]).toBeLessThan(0.99);
      expect(gold[2]).toBeGreaterThan(0.99);
      expect((await forward.predictions())[2]).toBe(1);
    });

    it("refuses positions of its logits, and targets that are no classes or not one for each sequence", async () => {
      const model = await load(family);
      const change = { site: "logits", positions: [0], operation: "set", value: 0 } as const;
      expect(() => model.forward({ sequences: texts, interventions: [change] })).toThrow(
        "Expected none at logits, which has one row per sequence for positions but received [0]",
      );
      expect(() => model.forward({ sequences: texts, targets: ids(0, 1, classes) })).toThrow(
        "Expected classes below 5 for targets but received 5",
      );
      expect(() => model.forward({ sequences: texts, targets: new Uint32Array(9) })).toThrow(
        "Expected one for each of 3 sequences for targets but received 9",
      );
    });
  });

  it("reads a decoder's classes from the last token that is not padding", async () => {
    const model = await load("gpt2-sequences");
    const padded = texts.map((text) => ids(...text, 0, 0));
    const [plain, behind] = [await logits(model, { sequences: texts }), await logits(model, { sequences: padded })];
    expect(largestDifference(behind[0]!, plain[0]!)).toBeLessThan(1e-5);
    expect(largestDifference(behind[5]!, plain[3]!)).toBeLessThan(1e-5);
  });

  it("gives losses and predictions of tokens as the logits of a classifier of tokens say", async () => {
    const model = await load("bert-tokens");
    const probabilities = (await logits(model, { sequences: texts })).map(softmax);
    const targets = Uint32Array.from(probabilities, (_, token) => (token === 4 ? NO_TARGET : token % classes));
    using forward = model.forward({ sequences: texts, targets });
    const [gold, best] = [await forward.probabilities(), await forward.predictions()];
    const wanted = probabilities.map((p, token) => (token === 4 ? 0 : p[token % classes]!));
    expect(largestDifference(gold, Float32Array.from(wanted))).toBeLessThan(1e-5);
    probabilities.forEach((p, token) => {
      expect(best[token]).toBe(token === 4 ? 0 : p.indexOf(Math.max(...p)));
    });
    expect(() => model.forward({ sequences: texts, targets: targets.with(0, classes) })).toThrow("classes below 5");
  });

  it("has logits of sentences, whatever pools them, and of nothing smaller", async () => {
    const model = await load("bert-sequences");
    const corpus = textCorpus("one two\nthree\na long one\n");
    const options = { sites: "logits", rows: "sentence" } as const;
    const sentences = await model.tokenizer.encode(corpus.sentences.map(({ text }) => text));
    const rows = await logits(model, { sequences: sentences.map((encoding) => encoding.ids) });
    const wanted = [rows[0]!, rows[sentences[0]!.ids.length]!, rows.at(-1)!].flatMap((row) => [...row]);
    for (const pool of ["max", "mean", "last"] as const) {
      const values = await collect(await activations(model, corpus, { ...options, pool }));
      expect(largestDifference(Float32Array.from(values), Float32Array.from(wanted))).toBeLessThan(1e-5);
    }
    await expect(activations(model, corpus, { ...options, rows: "token" })).rejects.toThrow(
      'Expected sentence for logits, which has one row per sequence for rows but received "token"',
    );
    const tokens = await activations(model, corpus, { sites: "*" });
    expect(tokens.sites.map(({ name }) => name)).not.toContain("logits");
  });

  it("tells token types apart, and refuses those that a model lacks", async () => {
    const model = await load("bert-sequences");
    const [text] = texts;
    const types = ids(0, 0, 1);
    const [plain, typed] = [
      await logits(model, { sequences: [text!] }),
      await logits(model, { sequences: [text!], types }),
    ];
    expect(largestDifference(plain[0]!, typed[0]!)).toBeGreaterThan(1e-3);
    expect(await logits(model, { sequences: [text!], types: ids(0, 0, 0) })).toEqual(plain);
    const forward = (model: Model, types: Uint32Array) => () => model.forward({ sequences: [text!], types });
    expect(forward(model, ids(0, 2, 0))).toThrow("Expected token types below 2 for types but received 2");
    expect(forward(model, ids(0))).toThrow("Expected one for each of 3 tokens for types but received 1");
    expect(forward(await load("distilbert-tokens"), types)).toThrow("Expected none for a model without token types");
  });
});
