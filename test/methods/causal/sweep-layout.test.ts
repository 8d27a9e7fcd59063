import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Corpus, spacedSentence } from "../../../src/corpus/corpus.js";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { metricNames } from "../../../src/methods/causal/metric.js";
import { planEach } from "../../../src/methods/causal/plan-each.js";
import { loadModel } from "../../../src/model/load.js";
import type { Model } from "../../../src/model/model.js";
import { deviceNames, openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { toyModel } from "./toy-model.js";

/** Its batches take a megabyte a token. */
let device: Device;
let toy: Model;
beforeAll(async () => {
  device = await openTestDevice("native");
  toy = toyModel(device);
});
afterAll(async () => await device[Symbol.asyncDispose]());

const corpusOf = (...texts: string[]): Corpus => ({
  path: "x",
  fingerprint: "f",
  sentences: texts.map((text) => spacedSentence(text)),
});
const counting = corpusOf("012345", "0123", "45", "3");
const zeroLoss = { value: "zero", metric: "loss" } as const;
const megabytes = 1e6;

describe("the layout of a sweep", () => {
  test("has as many tokens in a batch as fit in the memory", async () => {
    const plans = await Promise.all(
      [300, 400, 1000].map((memory) => planEach(toy, counting, { ...zeroLoss, memory: memory * megabytes })),
    );
    const tokens = plans.map(({ plan }) => plan.tokens);
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(tokens[0]).toBeGreaterThan(6);
    expect(tokens[2]).toBeGreaterThan(2 * tokens[0]!);
    for (const [i, memory] of [300, 400, 1000].entries()) {
      expect(plans[i]!.plan.bytes).toBeLessThanOrEqual(memory * megabytes);
    }
  });

  test("says what would suffice where the memory does not", async () => {
    const refused = planEach(toy, counting, { ...zeroLoss, memory: 100 * megabytes });
    await expect(refused).rejects.toThrow(
      /^Expected at least (\d+) MB, which the smallest batches of this corpus take, for memory but received "100 MB"$/,
    );
    const [, least] = /least (\d+) MB/.exec(String(await refused.catch((error) => error)))!;
    const { plan } = await planEach(toy, counting, { ...zeroLoss, memory: Number(least) * megabytes });
    expect(plan.tokens).toBe(12); // the longest sentence, and room for a copy
    await expect(planEach(toy, counting, { ...zeroLoss, memory: (Number(least) - 1) * megabytes })).rejects.toThrow();
  });

  test("has batches of which one copy takes all where a text is long, and no more than are of use", async () => {
    const { plan } = await planEach(toy, counting, zeroLoss);
    expect(plan.tokens).toBe(4096);
    const given = await planEach(toy, counting, { ...zeroLoss, batchTokens: 6 });
    expect(given.plan).toMatchObject({ tokens: 6, passages: 3, copies: [1, 3] });
  });

  test("counts what every one of the units in a batch takes", async () => {
    const asked: string[] = [];
    const watched: Model = {
      ...toy,
      bytesOf: ({ interventions = [], sequences }) => {
        asked.push(interventions.map(({ site, columns }) => `${site}:${Array.from(columns ?? [])}`).join(" "));
        return sequences.length;
      },
    };
    await planEach(watched, counting, { ...zeroLoss, batchTokens: 40 });
    const [first, last] = [0, 1].map((layer) =>
      [0, 1].map((i) => `layers.${layer}.mlp.hidden:${layer === 0 ? i : 6 + i}`).join(" "),
    );
    expect(asked.some((columns) => columns.startsWith(first!))).toBe(true);
    expect(asked.some((columns) => columns.endsWith(last!))).toBe(true);
  });

  test("stands in the result, with the sentences that predict nothing counted", async () => {
    const { plan, skipped } = await ablateEach(toy, counting, zeroLoss);
    expect(plan).toMatchObject({ tokens: 4096, passages: 1, copies: [16, 16], span: 16 });
    expect(skipped).toBe(1);
  });
});

describe.each(deviceNames)("two sizes of memory on %s", (name) => {
  test.each(["gpt2", "gemma2", "lstm"] as const)("give the same damage and intervals for %s", async (family) => {
    await using own = await openTestDevice(name);
    await using model = await loadModel(fixturePath(family), { device: own });
    const corpus = corpusOf("abca", "h2 bc", "z9z", "cab 1", "b");
    const metrics = metricNames.filter((metric) => ["loss", "kl", "representation"].includes(metric));
    for (const metric of metrics) {
      const options = { each: family === "lstm" ? "layer" : "head", value: "mean", metric } as const;
      const [small, large] = [
        await ablateEach(model, corpus, { ...options, batchTokens: 1 }),
        await ablateEach(model, corpus, { ...options, memory: 4e9 }),
      ];
      expect(small.plan.copies).not.toEqual(large.plan.copies);
      for (const [column, score] of large.scores.entries()) {
        expect(Math.abs(small.scores[column]! - score), metric).toBeLessThan(1e-6);
        for (const bound of ["low", "high"] as const) {
          const [one, other] = [small.intervals![bound][column]!, large.intervals![bound][column]!];
          expect(Math.abs(one - other), metric).toBeLessThan(2e-6);
        }
      }
    }
  });
});
