import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import type { Model } from "../../../src/model/model.js";
import { openTestDevice } from "../../devices.js";
import { bootstrapInterval } from "../../reference/bootstrap.js";
import { certain, corpusOf, counting, guessed } from "./counting.js";
import { groupsOf } from "./groups-of.js";
import { toyModel } from "./toy-model.js";

let device: Device;
let model: Model;
beforeAll(async () => {
  device = await openTestDevice("native");
  model = toyModel(device);
});
afterAll(async () => await device[Symbol.asyncDispose]());

function headless(model: Model): Model {
  return { ...model, head: { kind: "none", labels: [] } };
}

describe("ablateEach", () => {
  test("finds the neurons that a counting model counts with, and what each is worth", async () => {
    const result = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    const lost = (guessed - certain) / 5;
    expect(result.sites.map(({ name }) => name)).toEqual(["layers.0.mlp.hidden", "layers.1.mlp.hidden"]);
    expect(result.baseline).toBeCloseTo(certain, 6);
    expect(result.tokens).toBe(5);
    expect(result.skipped).toBe(1);
    for (const column of [0, 1, 2, 3, 4, 8, 9, 10, 11, 12]) expect(result.scores[column]).toBeCloseTo(lost, 6);
    for (const column of [5, 6, 7, 13, 14, 15]) expect(result.scores[column]).toBeCloseTo(0, 6);
    expect([...result.order.subarray(10)]).toEqual([5, 6, 7, 13, 14, 15]);
  });

  test("gives the same whatever the size of a batch", async () => {
    const small = await ablateEach(model, counting, { value: "zero", metric: "loss", batchTokens: 1 });
    const large = await ablateEach(model, counting, { value: "zero", metric: "loss", batchTokens: 10_000 });
    for (const [column, score] of large.scores.entries()) expect(small.scores[column]).toBeCloseTo(score, 6);
  });

  test("says between which numbers each damage lies by drawing the sentences anew", async () => {
    const several = corpusOf("0123", "12", "2", "34", "012");
    const { scores, intervals } = await ablateEach(model, several, { value: "zero", metric: "loss", seed: 5 });
    const lost = guessed - certain;
    const predictions = [3, 1, 1, 2];
    // The neuron that knows what follows 1 is missed by the three sentences that have "12".
    const hurt = [1, 1, 0, 1].map((count) => count * lost);
    const [low, high] = bootstrapInterval(hurt, predictions, 5);
    expect(intervals).toMatchObject({ level: 0.95, resamples: 1000, sentences: 4 });
    expect(intervals!.low[1]).toBeCloseTo(low, 5);
    expect(intervals!.high[1]).toBeCloseTo(high, 5);
    expect(intervals!.low[6]).toBeCloseTo(0, 6);
    expect(intervals!.high[6]).toBeCloseTo(0, 6);
    for (const [column, score] of scores.entries()) {
      expect(score).toBeGreaterThanOrEqual(intervals!.low[column]! - 1e-9);
      expect(score).toBeLessThanOrEqual(intervals!.high[column]! + 1e-9);
    }
  });

  test("has no interval of a single sentence", async () => {
    expect(await ablateEach(model, counting, { value: "zero", metric: "loss" })).not.toHaveProperty("intervals");
  });

  test("counts accuracy that is lost, and divergence that is gained, as damage", async () => {
    const accuracy = await ablateEach(model, counting, { value: "zero", metric: "accuracy" });
    const kl = await ablateEach(model, counting, { value: "zero", metric: "kl" });
    expect(accuracy.baseline).toBe(1);
    expect(accuracy.scores[2]).toBeCloseTo(1 / 5, 6);
    expect(accuracy.scores[6]).toBe(0);
    expect(kl.baseline).toBe(0);
    expect(kl.scores[2]).toBeGreaterThan(0.1);
    expect(kl.scores[6]).toBe(0);
  });

  test("measures how far the last residual moves, for models without a head too", async () => {
    const result = await ablateEach(headless(model), counting, { value: "zero", metric: "representation" });
    // Each token's residual is one 1 and two .5: length √1.5. A zeroed 1 moves one token of the seven by 1.
    expect(result.scores[0]).toBeCloseTo(1 / Math.sqrt(1.5) / 7, 5);
    expect(result.scores[6]).toBeCloseTo(0.5 / Math.sqrt(1.5), 5);
    expect(result.baseline).toBe(0);
  });

  test("reads a sentence of one token too where nothing is to be predicted", async () => {
    const options = { value: "zero", metric: "representation" } as const;
    const result = await ablateEach(model, counting, options);
    expect([result.tokens, result.skipped]).toEqual([7, 0]);
    expect(result.scores).toEqual((await ablateEach(headless(model), counting, options)).scores);
  });

  test("a neuron that never changes does no damage when it is set to its mean", async () => {
    const result = await ablateEach(model, counting, { value: "mean", metric: "representation" });
    expect(result.scores[6]).toBeCloseTo(0, 6);
    expect(result.scores[0]).toBeGreaterThan(0.01);
  });

  test("takes layers whole: with one gone the model guesses", async () => {
    const result = await ablateEach(model, counting, { each: "layer", value: "zero", metric: "loss" });
    expect(result.sites.map(({ name }) => name)).toEqual(["layers.0", "layers.1"]);
    expect(result.scores[0]).toBeCloseTo(guessed - certain, 6);
  });

  test("takes the groups of a grouping", async () => {
    const sites = [{ name: "layers.0.mlp.hidden", width: 8, offset: 0 }];
    const groups = [
      { label: 0, members: [0, 1, 2], representative: 0 },
      { label: 1, members: [3, 4, 5, 6, 7], representative: 3 },
    ];
    const provenance = { version: "", device: "", seed: 0, model: null, corpus: null, activations: null };
    const grouping = {
      kind: "grouping",
      method: "m",
      sites,
      labels: new Int32Array(8),
      groups,
      options: {},
      provenance,
    } as const;
    const result = await ablateEach(model, counting, { each: "group", grouping, value: "zero", metric: "loss" });
    expect(result.sites).toEqual([{ name: "groups", width: 2, offset: 0 }]);
    expect(result.scores[0]).toBeCloseTo((3 / 5) * (guessed - certain), 6);
  });

  test.each([
    [{ metric: "los" }, 'did you mean "loss"?'],
    [{ metrics: "loss" }, 'did you mean "metric"?'],
    [
      { value: "nought" },
      "Expected one of zero, mean, flip, noise, resample, project, a percentile from p0 to p100, or a number for value",
    ],
    [{ sites: "layers.*.mlp.hiden" }, "did you mean"],
    [{ each: "head" }, "Expected a site of the model"],
    [{ each: "group" }, 'Expected a grouping for grouping but received "none"'],
  ])("refuses %o in one sentence", async (wrong, message) => {
    const options = { value: "zero", metric: "loss", ...wrong } as never;
    await expect(ablateEach(model, counting, options)).rejects.toThrow(message);
  });

  test("refuses a grouping without groups, or with a neuron twice in one, and finds no damage of a group of none", async () => {
    const grouping = (...members: number[][]) => ({ ...groupsOf(model, "layers.0.mlp.hidden", []), groups: members.map((own, label) => ({ label, members: own, representative: 0 })) }); // biome-ignore format: one line
    const sweep = (...members: number[][]) => ablateEach(model, counting, { each: "group", grouping: grouping(...members), value: "zero", metric: "loss" }); // biome-ignore format: one line
    await expect(sweep()).rejects.toThrow('Expected at least one group for grouping but received "none"');
    await expect(sweep([1], [2, 5, 2])).rejects.toThrow('Expected each member of group 1 once for grouping but received "2,5,2"'); // biome-ignore format: one line
    const { scores } = await sweep([1], [], [2, 1]);
    expect(scores[0]).toBeGreaterThan(0.1);
    expect(scores[1]).toBe(0);
  });

  test("refuses an ablation that leaves no number", async () => {
    const sweep = ablateEach(model, counting, { value: 1e300, metric: "loss", sites: "layers.1.mlp.hidden" });
    await expect(sweep).rejects.toThrow('Expected finite numbers for loss but received "Infinity in sentence 0 of toy with layers.1.mlp.hidden ablated"'); // biome-ignore format: one line
  });

  test("refuses a loss of a model that has no head", async () => {
    await expect(ablateEach(headless(model), counting, { value: "zero", metric: "loss" })).rejects.toThrow(
      'Expected representation, as toy has no head for metric but received "loss"',
    );
  });

  test("refuses a corpus that predicts nothing", async () => {
    await expect(ablateEach(model, corpusOf("3", "4"), { value: "zero", metric: "loss" })).rejects.toThrow(
      "Expected a sentence with a token to predict for corpus but received",
    );
  });
});
