import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../src/device/device.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { ablateRanking } from "../../../src/methods/causal/ablate-ranking.js";
import type { Model } from "../../../src/model/model.js";
import { openTestDevice } from "../../devices.js";
import { bootstrapInterval } from "../../reference/bootstrap.js";
import { certain, corpusOf, counting, guessed } from "./counting.js";
import { toyModel } from "./toy-model.js";

let device: Device;
let model: Model;
beforeAll(async () => {
  device = await openTestDevice("native");
  model = toyModel(device);
});
afterAll(async () => await device[Symbol.asyncDispose]());

describe("ablateRanking", () => {
  test("the top of a true ranking hurts at once, its bottom only at the end", async () => {
    const ranking = await ablateEach(model, counting, { value: "zero", metric: "loss", sites: "layers.0.mlp.hidden" });
    const curve = await ablateRanking(model, counting, ranking, {
      value: "zero",
      metric: "loss",
      counts: [0, 3, 5, 8],
    });
    const { top, bottom, random, draws, baseline } = curve.values;
    const lost = guessed - certain;
    expect(baseline).toBeCloseTo(certain, 6);
    for (const [i, hurt] of [0, 3, 5, 5].entries()) expect(top[i]).toBeCloseTo(certain + (hurt / 5) * lost, 6);
    for (const [i, hurt] of [0, 0, 2, 5].entries()) expect(bottom[i]).toBeCloseTo(certain + (hurt / 5) * lost, 6);
    expect(draws).toHaveLength(10);
    expect(random[3]).toBeCloseTo(top[3]!, 6);
    expect(random[1]).toBeGreaterThan(baseline);
    expect(random[1]).toBeLessThanOrEqual(top[1]!);
  });

  test("says between which numbers each point of the curve lies", async () => {
    const several = corpusOf("0123", "12", "2", "34", "012");
    const order = { value: "zero", metric: "loss", sites: "layers.0.mlp.hidden" } as const;
    const ranking = await ablateEach(model, several, order);
    const curve = await ablateRanking(model, several, ranking, { value: "zero", metric: "loss", counts: [0, 1, 8] });
    const { intervals, top, random, bottom } = curve.values;
    const without = [0, 1, 2, 3].map((_, i) => [3, 1, 1, 2][i]! * certain + [1, 1, 0, 1][i]! * (guessed - certain));
    const [low, high] = bootstrapInterval(without, [3, 1, 1, 2], 0);
    expect(top[1]).toBeCloseTo(certain + (3 / 7) * (guessed - certain), 5); // the neuron of "12"
    expect(intervals!.top.low[1]).toBeCloseTo(low, 5);
    expect(intervals!.top.high[1]).toBeCloseTo(high, 5);
    for (const set of ["top", "random", "bottom"] as const) {
      expect(intervals![set].low[0]).toBeCloseTo(certain, 5);
      expect(intervals![set].high[2]).toBeCloseTo(guessed, 5);
    }
    expect(intervals!.random.low[1]).toBeLessThan(random[1]!);
    expect(intervals!.bottom.high[1]).toBeCloseTo(bottom[1]!, 5);
  });

  test("goes from nothing to everything in tenths unless told otherwise", async () => {
    const ranking = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    const { values } = await ablateRanking(model, counting, ranking, { value: "zero", metric: "loss" });
    expect(values.fractions).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(values.counts).toEqual([0, 2, 3, 5, 6, 8, 10, 11, 13, 14, 16]);
    expect(values.top[10]).toBeCloseTo(values.bottom[10]!, 9);
  });

  test("random sets have as many neurons of each site as the top", async () => {
    const sites = [
      { name: "layers.0.mlp.hidden", width: 8, offset: 0 },
      { name: "layers.1.mlp.hidden", width: 8, offset: 8 },
    ];
    // All neurons of layer 1 first: with eight ablated, every random draw must be layer 1 as well.
    const order = Uint32Array.from({ length: 16 }, (_, i) => (i + 8) % 16);
    const given = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    const curve = await ablateRanking(
      model,
      counting,
      { ...given, sites, order },
      { value: "zero", metric: "loss", counts: [8] },
    );
    for (const draw of curve.values.draws) expect(draw[0]).toBeCloseTo(guessed, 6);
  });

  test("refuses more neurons than there are", async () => {
    const ranking = await ablateEach(model, counting, { value: "zero", metric: "loss" });
    await expect(
      ablateRanking(model, counting, ranking, { value: "zero", metric: "loss", counts: [17] }),
    ).rejects.toThrow("Expected integers from 0 to 16 for counts but received 17");
  });
});
