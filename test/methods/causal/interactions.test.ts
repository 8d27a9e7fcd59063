import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { spacedSentence } from "../../../src/corpus/corpus.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { strongestPairs } from "../../../src/methods/causal/strongest-pairs.js";
import { readResult, writeResult } from "../../../src/methods/result-file.js";
import { loadModel } from "../../../src/model/load.js";
import { selectSites } from "../../../src/model/sites.js";
import { devices, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { temporaryFolder } from "../../temporary-folder.js";
import { groupsOf } from "./groups-of.js";
import { toyModel } from "./toy-model.js";

const corpusOf = (...texts: string[]) => {
  return { path: "x", fingerprint: "f", sentences: texts.map((text) => spacedSentence(text)) };
};

describe("interactions", () => {
  const opened = openTestDevice("native");
  afterAll(async () => (await opened)[Symbol.asyncDispose]());
  const certain = -4 + Math.log(Math.exp(4) + 5);
  const lost = Math.log(6) - certain;
  const options = { value: "zero", metric: "loss" } as const;

  test("find two neurons of which either is enough", async () => {
    const model = toyModel(await opened, "redundant");
    const result = await ablateEach(model, corpusOf("012", "123"), { ...options, sites: "layers.1.mlp.hidden", pairs: 8 }); // biome-ignore format: one line
    expect([result.scores[6], result.scores[7]]).toEqual([0, 0]);
    const { interactions } = result;
    const [best] = strongestPairs(interactions!, 1);
    expect([best!.first, best!.second].map((unit) => interactions!.order[unit])).toEqual([6, 7]);
    expect(interactions!.effects[best!.place]).toBeCloseTo(lost, 6);
    expect(interactions!.effects[best!.second * 8 + best!.first]).toBe(interactions!.effects[best!.place]);
    const { low, high } = interactions!.intervals!;
    expect([low[best!.place]!, high[best!.place]!].every((bound) => Math.abs(bound - lost) < 1e-6)).toBe(true);
    for (let unit = 0; unit < 8; unit++) expect(interactions!.effects[unit * 9]).toBe(0);
  });

  test("are below 0 where one neuron works through the other, and 0 where they have nothing to do with each other", async () => {
    const result = await ablateEach(toyModel(await opened), corpusOf("0123"), { ...options, pairs: 4 });
    // by damage: neurons 0 to 2 of layer 0, and of layer 1: columns 0, 1, 2, 8
    expect([...result.interactions!.order]).toEqual([0, 1, 2, 8]);
    const { effects } = result.interactions!;
    expect(effects[0 * 4 + 3]).toBeCloseTo(-lost / 3, 6);
    expect(effects[1 * 4 + 3]).toBeCloseTo(0, 6);
    expect(result.interactions!.intervals).toBeUndefined();
  });

  test("are written and read, each table whole", async () => {
    const result = await ablateEach(toyModel(await opened), corpusOf("01", "12"), { ...options, pairs: 3 });
    const path = join(temporaryFolder(), "pairs.json");
    await writeResult(path, result);
    expect((await readResult(path)) as object).toMatchObject({ interactions: result.interactions!, options: { pairs: 3 } }); // biome-ignore format: one line
    expect(JSON.parse(readFileSync(path, "utf8")).interactions.effects.length).toBe(9);
  });

  test("beside a journal of the sweep are what they are without one", async () => {
    const model = toyModel(await opened);
    const journal = join(temporaryFolder(), "sweep.partial");
    const plain = await ablateEach(model, corpusOf("01", "12"), { ...options, pairs: 3 });
    for (const run of ["begun", "gone on with"]) {
      const result = await ablateEach(model, corpusOf("01", "12"), { ...options, pairs: 3, journal });
      expect(result.interactions, run).toEqual(plain.interactions);
    }
  });

  test("say while they are measured which part of the sweep is under way, and no sweep without them does", async () => {
    const partsOf = async (pairs?: number) => {
      const said: string[] = [];
      const onProgress = (_done: number, _total: number, what: string) => said.push(what);
      await ablateEach(toyModel(await opened), corpusOf("01"), { ...options, ...(pairs && { pairs }) }, { onProgress });
      return [...new Set(said)].filter((what) => what.startsWith("tokens of ablated passages"));
    };
    expect(await partsOf(3)).toEqual([
      "tokens of ablated passages, every unit",
      "tokens of ablated passages, units of pairs alone",
      "tokens of ablated passages, pairs",
    ]);
    expect(await partsOf()).toEqual(["tokens of ablated passages"]);
  });

  test.each([1, 17, 2.5])("of %s units are refused", async (pairs) => {
    await expect(ablateEach(toyModel(await opened), corpusOf("01"), { ...options, pairs })).rejects.toThrow(
      `Expected an integer from 2 to 16 for pairs but received ${pairs}`,
    );
  });
});

test.each(devices)("an interaction on %s is what the group of both does beyond the two", async (_, open) => {
  await using device = await open();
  await using model = await loadModel(fixturePath("gpt2"), { device });
  const corpus = corpusOf("ab", "h2");
  const sites = selectSites(model.sites, "layers.*.attention.heads");
  const [one, other] = [[0, 1, 2, 3, 4, 5], [sites[0]!.width, sites[0]!.width + 7]]; // biome-ignore format: one line
  const groupingOf = (...members: readonly number[][]) => {
    const groups = members.map((own, label) => ({ label, members: own, representative: own[0]! }));
    return { ...groupsOf(model, "layers.*.attention.heads", []), groups };
  };
  const options = { each: "group", value: "zero", metric: "loss" } as const;
  const { interactions, scores } = await ablateEach(model, corpus, { ...options, grouping: groupingOf(one!, other!), pairs: 2 }); // biome-ignore format: one line
  const both = await ablateEach(model, corpus, { ...options, grouping: groupingOf([...one!, ...other!]) });
  const beyond = both.scores[0]! - scores[0]! - scores[1]!;
  expect(interactions!.effects[1]).toBeCloseTo(beyond, 5);
  expect(Math.abs(beyond)).toBeGreaterThan(1e-5);
});
