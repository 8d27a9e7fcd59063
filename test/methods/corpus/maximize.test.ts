import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spacedSentence } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { maximize } from "../../../src/methods/corpus/maximize.js";
import { loadModel } from "../../../src/model/load.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { bestNGram } from "../../reference/best-n-gram.js";
import { PlantedModel } from "./planted-model.js";

const secret = "wordy";
const site = "layers.0.residual";

/** Letters in their places: column 0 of the whole secret, 1 and 2 of its halves, 3 of the secret backwards, below 0. */
function planted(letters: string, column: number): number {
  const matches = (wanted: string, from: number) =>
    [...wanted].filter(
      (letter, i) => letters.at(from + i - letters.length + Math.max(0, letters.length - 5)) === letter,
    ).length;
  if (column === 0) return matches(secret, 0);
  if (column === 1) return matches(secret.slice(0, 2), 0);
  if (column === 2) return matches(secret.slice(2), 2);
  return -matches([...secret].reverse().join(""), 0);
}

const corpus = {
  path: "planted",
  fingerprint: "f",
  sentences: ["a b c", "q w o r d s", "z w a r m y a"].map((text) => spacedSentence(text)),
};

describe("n-grams that maximise planted units", () => {
  let device: Device;
  beforeAll(async () => {
    device = await openTestDevice("native");
  });
  afterAll(() => device[Symbol.asyncDispose]());

  test.each(["evolution", "beam"] as const)(
    "by %s are the planted ones, with the corpus' best beside them",
    async (search) => {
      const model = new PlantedModel(device, 4, planted);
      const tokens = "model";
      const found = await maximize(model, [`${site}:0`], corpus, { search, tokens, evaluations: 2500, restarts: 2 });
      expect(found).toMatchObject({ kind: "maximization", method: search });
      const [target] = found.targets;
      expect(target!.best).toMatchObject({ value: 5, text: "w o r d y", tokens: [...secret], textValue: 5 });
      // `words` agrees in four places; the sentence of three words has no n-gram of five, the others two and three.
      expect(target!.corpus).toMatchObject({
        count: 5,
        best: { value: 4, text: "w o r d s", sentence: 1, position: 1 },
      });
      const values = [0, 4, 0, 3, 0]; // q w o r d, w o r d s, z w a r m, w a r m y, a r m y a: `w.r.y` is three
      expect(target!.corpus!.mean).toBeCloseTo(values.reduce((a, b) => a + b) / 5, 12);
      expect(target!.searches.map(({ start }) => start)).toEqual(["corpus", "random"]);
      expect(target!.searches[0]!.trace[0]).toEqual([0, 4]);
      for (const { trace, best } of target!.searches) {
        expect(trace.at(-1)![1]).toBe(best.value);
        expect(trace.map(([, value]) => value)).toEqual(trace.map(([, value]) => value).sort((a, b) => a - b));
      }
    },
  );

  test("hold for the mean of several neurons, and for small values", async () => {
    const model = new PlantedModel(device, 4, planted);
    const options = { evaluations: 2500, restarts: 2 };
    const together = await maximize(model, [`${site}:1-2`], null, { ...options, together: "mean" });
    expect(together.targets).toMatchObject([{ neurons: [`${site}:1`, `${site}:2`], corpus: null }]);
    expect(together.targets[0]!.best).toMatchObject({ value: 2.5, text: "w o r d y" });
    const small = await maximize(model, [`${site}:3`], null, { ...options, direction: "negative" });
    expect(small.targets[0]!.best).toMatchObject({ value: -5, text: "y d r o w" });
    expect(small.targets[0]!.searches[0]!.start).toBe("random");
  });

  test("are made of the corpus' tokens unless the model's are asked for, and never of special ones", async () => {
    const model = new PlantedModel(device, 4, (letters) => letters.charCodeAt(letters.length - 1));
    const options = { evaluations: 200, restarts: 1, length: 2 };
    const ofCorpus = await maximize(model, [`${site}:0`], corpus, options);
    expect(ofCorpus.targets[0]!.best.tokens[1]).toBe("z");
    const capitals = { ...corpus, sentences: [spacedSentence("A B C")] };
    expect((await maximize(model, [`${site}:0`], capitals, options)).targets[0]!.best.tokens[1]).toBe("C");
    expect((await maximize(model, [`${site}:0`], capitals, { ...options, tokens: "model" })).options.tokens).toBe(
      "model",
    );
  });

  test("do not depend on what else is searched for, and are the same again", async () => {
    const noise = (letters: string, column: number) => Math.sin(column + [...letters].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 7) % 1009); // biome-ignore format: one line
    const model = new PlantedModel(device, 4, noise);
    const options = { evaluations: 300, restarts: 2, seed: 5 };
    const all = await maximize(model, [site], corpus, options);
    expect(all.targets.length).toBe(4);
    const one = await maximize(model, [`${site}:2`], corpus, options);
    expect(one.targets[0]).toEqual(all.targets[2]);
    expect(await maximize(model, [site], corpus, options)).toEqual(all);
    const other = await maximize(model, [site], corpus, { ...options, seed: 6 });
    expect(other.targets[2]!.searches[1]!.trace).not.toEqual(all.targets[2]!.searches[1]!.trace);
  });

  test("end when there is no n-gram left, and read no more than they may", async () => {
    const model = new PlantedModel(device, 1, () => 1);
    const few = { ...corpus, sentences: [spacedSentence("a b a")] };
    const found = await maximize(model, [`${site}:0`], few, { length: 2, restarts: 2 });
    expect(found.targets[0]!.best.value).toBe(1);
    // 2 n-grams of the corpus, 2 tokens, at most 4 pairs a search, and the text anew.
    expect(found.evaluations).toBeLessThanOrEqual(2 + 2 + 4 + 4 + 1);
    const bounded = await maximize(model, [`${site}:0`], corpus, { evaluations: 70, restarts: 1 });
    expect(bounded.evaluations).toBe(5 + 12 + 70 + 1);
  });

  test("refuse what cannot be searched", async () => {
    const model = new PlantedModel(device, 4, planted);
    const one = [`${site}:0`];
    const refused = (names: string[], options: object, of: typeof corpus | null = corpus) =>
      expect(maximize(model, names, of, options)).rejects;
    await refused([], {}).toThrow("Expected at least one, such as layers.3.mlp.hidden:871 for neurons");
    await refused([`${site}:4`], {}).toThrow(`Expected ${site}:0 to ${site}:3 for neuron but received "${site}:4"`);
    await refused(["layers.0.residul:1"], {}).toThrow("did you mean");
    await refused(one, { length: 0 }).toThrow("a whole number from 1 on for length but received 0");
    await refused(one, { length: 11 }).toThrow("at most 10 tokens (the model's positions) for length but received 11");
    await refused(one, { length: 8 }).toThrow('a sentence of 8 tokens for corpus but received "none"');
    await refused(one, { search: "evolutoin" }).toThrow('did you mean "evolution"');
    await refused(one, { tokens: "corpus" }, null).toThrow("a corpus, whose tokens are taken");
    await refused(one, { step: 1 }).toThrow("for maximize");
    const broken = new PlantedModel(device, 1, () => Number.NaN);
    await expect(maximize(broken, one, corpus)).rejects.toThrow(`Expected finite activations for ${site}:0`);
  });

  test("stop when they are told to", async () => {
    const model = new PlantedModel(device, 4, planted);
    const told: string[] = [];
    const stop = new AbortController();
    const onProgress = (done: number, total: number, what: string) => {
      told.push(what);
      expect(done).toBeLessThanOrEqual(total);
      if (what === "n-grams searched") stop.abort();
    };
    await expect(maximize(model, [`${site}:0`], corpus, {}, { signal: stop.signal, onProgress })).rejects.toThrow(
      "abort",
    );
    expect([...new Set(told)]).toEqual(["n-grams of the corpus", "tokens", "n-grams searched"]);
  });
});

describe.each(devices)("n-grams of models on %s", (_, open) => {
  test.each([
    ["lstm", "layers.1.hidden", "last"],
    ["gpt2", "layers.1.mlp.hidden", "last"],
    ["bert", "layers.0.mlp.hidden", "max"],
    ["t5-encoder", "layers.0.residual", "mean"],
  ] as const)("%s: the pairs found are the best of all pairs", async (family, name, pool) => {
    await using device = await open();
    await using model = await loadModel(fixturePath(family), { device });
    const neurons = [0, 1, 2].map((index) => `${name}:${index}`);
    const ids = Array.from({ length: 12 }, (_, id) => id); // the alphabet begins with a to l
    const [sites, width] = [selectSites(model.sites, name), selectSites(model.sites, name)[0]!.width];
    const pairs = ids.flatMap((a) => ids.map((b) => Uint32Array.of(a, b)));
    const starts = Uint32Array.from(pairs, (_, i) => 2 * i);
    using forward = model.forward({ sequences: pairs, capture: { sites, rows: { starts, ends: starts.map((start) => start + 2), pool } } }); // biome-ignore format: one line
    const values = await forward.captured!.values();
    const letters = { ...corpus, sentences: [spacedSentence("abcdefghijkl")] };
    const found = await maximize(model, neurons, letters, { length: 2, pool, evaluations: 110, restarts: 2 });
    found.targets.forEach(({ best }, column) => {
      const truth = bestNGram(ids, 2, ([a, b]) => values[(a! * ids.length + b!) * width + column]!);
      expect(best.value).toBeCloseTo(truth.value, 4);
      expect(best.ids).toEqual(truth.ids);
    });
  });
});
