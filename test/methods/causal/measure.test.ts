import { afterAll, describe, expect, test } from "vitest";
import { random } from "../../../src/core/random.js";
import { spacedSentence } from "../../../src/corpus/corpus.js";
import { ablateEach } from "../../../src/methods/causal/ablate-each.js";
import { type Ablation, measureAblations } from "../../../src/methods/causal/measure.js";
import { mean } from "../../../src/methods/causal/metric.js";
import { planEach } from "../../../src/methods/causal/plan-each.js";
import { loadModel } from "../../../src/model/load.js";
import { type Model, NO_TARGET } from "../../../src/model/model.js";
import { openTestDevice } from "../../devices.js";
import { fixturePath } from "../../fixtures/model-fixture.js";
import { families, metricsOf, passagesOf, plain } from "./plain-loop.js";

const opened = openTestDevice("native");
afterAll(async () => await (await opened)[Symbol.asyncDispose]());

/** One neuron, a few, or two sites at a time: of every kind of site, by every operation that needs no rows. */
function ablationsOf({ sites }: Model, seed: number): Ablation[] {
  const uniform = random(seed);
  const pick = (count: number) => Math.floor(count * uniform());
  const part = () => {
    const { name, width } = sites[pick(sites.length)]!;
    const columns = width === null ? [0] : [...new Set(Array.from({ length: 1 + pick(3) }, () => pick(width)))];
    return { site: name, columns, ...([{ operation: "set", value: 0 }, { operation: "scale", value: -1 }, { operation: "add", value: 0.5 }] as const)[pick(3)]! }; // biome-ignore format: one line
  };
  return Array.from({ length: 12 }, () => ({ parts: Array.from({ length: 1 + pick(2) }, part) }));
}

describe("a sweep", () => {
  test.each(families)("of %s is that of one whole pass per ablation and sentence, for every metric", async (family) => {
    await using model = await loadModel(fixturePath(family), { device: await opened });
    const fitting = metricsOf(model);
    for (const [seed, metric] of fitting.entries()) {
      const passages = await passagesOf(model, family, metric);
      const ablations = ablationsOf(model, seed);
      const options = { metric, positions: "all", batchTokens: 200 } as const;
      const { baseline, ablated } = await measureAblations(model, passages, ablations, options);
      const before = await plain(model, passages, { parts: [] }, metric);
      expect(Math.abs(mean(baseline) - before), metric).toBeLessThan(1e-5 * Math.max(1, Math.abs(before)));
      for (const [i, ablation] of ablations.entries()) {
        const after = await plain(model, passages, ablation, metric);
        const what = `${metric} of ${JSON.stringify(ablation)}`;
        expect(Math.abs(mean(ablated[i]!) - after), what).toBeLessThan(1e-5 * Math.max(1, Math.abs(after)));
      }
    }
  });

  test("costs sums of the logits that texts and changed neurons have, and of the texts themselves one pass a batch", async () => {
    await using model = await loadModel(fixturePath("gpt2"), { device: await opened });
    const passages = await passagesOf(model, "gpt2");
    const read = passages.flatMap(({ targets }) => [...targets]).filter((target) => target !== NO_TARGET).length;
    const tokens = passages.reduce((sum, { ids }) => sum + ids.length, 0);
    const widths = new Map(model.sites.map(({ name, width }) => [name, width!]));
    const [width, hidden] = [widths.get("embed")!, widths.get("layers.0.mlp.hidden")!];
    const [attention, mlp] = [8 * width * width, 4 * width * hidden];
    const head = 2 * width * model.vocabulary * read;
    const whole = tokens * model.layers * (attention + mlp) + head;
    const neurons = Array.from({ length: 20 }, (_, column): Ablation => {
      return {
        parts: [{ site: `layers.${model.layers - 1}.mlp.hidden`, columns: [column], operation: "set", value: 0 }],
      };
    });
    const options = { metric: "loss", positions: "all", batchTokens: 32 * tokens } as const;
    const { operations } = await measureAblations(model, passages, neurons, options);
    const known = 2 * (tokens + 20 + 1) * width * model.vocabulary; // logits of texts, of neurons and of the norm's bias
    const [shared, own] = [
      tokens * model.layers * (attention + mlp) + known,
      (2 * width + 4 * model.vocabulary) * read,
    ];
    expect(operations).toEqual({ wholePasses: 20 * pruned(whole), sweep: shared + 20 * own });
    const more = Array.from({ length: 64 }, (_, i) => neurons[i % 20]!);
    const sweep = async (some: readonly Ablation[]) => (await measureAblations(model, passages, some, options)).operations.sweep; // biome-ignore format: one line
    const [first, second, both] = [await sweep(more.slice(0, 32)), await sweep(more.slice(32)), await sweep(more)];
    const beside = 2 * tokens * width * hidden; // what the last layer writes lies beside what its neurons write
    const ofTexts = tokens * model.layers * (attention + mlp) - beside + 2 * width * model.vocabulary;
    expect(both).toBe(first + second - ofTexts); // two batches of the same texts

    /** A pass that reads few tokens has the last layer's output projection and MLP of these only. */
    function pruned(all: number): number {
      return read > 0.75 * tokens ? all : all - (tokens - read) * (2 * width * width + mlp);
    }
  });

  test("is planned as it then is computed, site by site", async () => {
    await using model = await loadModel(fixturePath("llama"), { device: await opened });
    const sentences = ["abca", "h2", "z9z"].map((text) => spacedSentence(text));
    const corpus = { path: "x", fingerprint: "f", sentences };
    const options = { each: "head", value: "zero", metric: "loss" } as const;
    const [plan, { operations, scores }] = [await planEach(model, corpus, options), await ablateEach(model, corpus, options)]; // biome-ignore format: one line
    expect(plan.sites.map(({ site, units, way }) => [site, units, way])).toEqual([
      ["layers.0.attention.heads", 4, "long"], // a quarter of the columns is not few
      ["layers.1.attention.heads", 4, "long"],
    ]);
    const { sites } = await planEach(model, corpus, { ...options, each: "neuron", sites: "layers.0.mlp.gate,layers.0.mlp.out" }); // biome-ignore format: one line
    expect(sites.map(({ site, way }) => [site, way])).toEqual([
      ["layers.0.mlp.gate", "short"],
      ["layers.0.mlp.out", "long"],
    ]);
    expect(plan.sites[0]!.wholePass * plan.tokens * scores.length).toBeCloseTo(operations.wholePasses, 0);
    expect(plan.sites[1]!.operations).toBeLessThan(plan.sites[0]!.operations);
    expect(plan.sites[0]!.operations).toBeLessThan(plan.sites[0]!.wholePass);
  });
});
